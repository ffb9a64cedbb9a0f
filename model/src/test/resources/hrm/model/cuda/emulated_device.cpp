// The parts of CUDA's runtime, driver, cublasLt and NVRTC that the backend calls, on a CPU. Kernels
// come before this in one source; the REGISTER list at its end is made by the test. Memory is fenced
// and filled with NaN, so that what is read unwritten or written beyond its end is noticed.

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include <sys/mman.h>

namespace {

std::recursive_mutex lock;
using Guard = std::lock_guard<std::recursive_mutex>;
typedef std::function<void()> Work;

const size_t LIMIT = (size_t)4 << 30;

long setting(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text ? atol(text) : otherwise;
}

// The launch after which a test has its device break.
const long FATAL_LAUNCH = setting("EMULATED_FATAL_LAUNCH", -1);

// Whether nobody is told of that launch but who asks next, and not by cudaSetDevice.
const bool TOLD_LATE = setting("EMULATED_TOLD_LATE", 0);

// Whether a reset does not heal a device.
const bool STAYS_BROKEN = setting("EMULATED_STAYS_BROKEN", 0);

// The question for algorithms that a test has fail.
const long FAILING_CHOICE = setting("EMULATED_FAILING_CHOICE", -1);

const int DEVICES = setting("EMULATED_DEVICES", 1);  // at most 2

// Streams and cublasLt's handles that there is room for: a test's that are not closed show.
const size_t MOST_STREAMS = 128;
const int MOST_HANDLES = 16;

const size_t FENCE = 256;

struct Memory {
  size_t size;
  int device;
};

std::map<char*, Memory> memory;
size_t used[2] = {};
long launches = 0;
long choices = 0;
int handles = 0;
bool broken[2] = {};
thread_local int current = 0;

// Work is done as late as may be, when somebody waits for it: so that of two streams that should wait
// for each other and do not, the one that is asked goes on without the other's results.
struct Stream {
  int device = current;
  bool capturing = false;
  std::vector<Work> recorded;
  std::deque<Work> queue;
  size_t done = 0;  // works that have left the queue

  size_t all() const { return done + queue.size(); }

  void run_until(size_t end) {
    while (done < end && !queue.empty()) {
      Work work = std::move(queue.front());
      queue.pop_front();
      done++;
      work();
    }
  }
};

std::set<Stream*> streams;

struct Event {
  Stream* stream = nullptr;
  size_t until = 0;
};

struct Graph {
  std::vector<Work> work;
};

std::map<char*, Memory> pinned;

bool holds(std::map<char*, Memory>& all, const void* at, size_t size) {
  auto next = all.upper_bound((char*)at);
  return next != all.begin() &&
         (char*)at + size <= std::prev(next)->first + std::prev(next)->second.size;
}

void check_fences() {
  for (auto& [at, of] : memory) {
    for (size_t i = 0; i < FENCE; i++) {
      if (at[of.size + i] != 0x5a) {
        fprintf(stderr, "emulated: a write beyond the end of %zu bytes\n", of.size);
        abort();
      }
    }
  }
}

int enqueue(void* stream, Work work) {
  Stream* s = (Stream*)stream;
  if (broken[s->device]) {
    return 700;
  }
  if (s->capturing) {
    s->recorded.push_back(std::move(work));
  } else {
    s->queue.push_back(std::move(work));
  }
  return 0;
}

void run_all() {
  for (Stream* s : streams) {
    s->run_until(s->all());
  }
}

typedef std::function<Work(void**)> Binder;

std::map<std::string, Binder>& kernels() {
  static std::map<std::string, Binder> all;
  return all;
}

// Copies a launch's arguments as their types say, and calls the kernel with them in each thread.
template <typename... A, size_t... I>
Work bound(void (*f)(A...), void** arguments, std::index_sequence<I...>) {
  std::tuple<A...> copy(*(A*)arguments[I]...);
  return [f, copy]() {
    struct Call {
      void (*f)(A...);
      const std::tuple<A...>* arguments;
    } call{f, &copy};
    emulated::run_block(
        [](void* p) {
          Call* c = (Call*)p;
          std::apply(c->f, *c->arguments);
        },
        &call);
  };
}

template <typename... A>
bool add(const char* name, void (*f)(A...)) {
  kernels()[name] = [f](void** arguments) {
    return bound(f, arguments, std::index_sequence_for<A...>());
  };
  return true;
}

struct Desc {
  int transpose_a = 0, transpose_b = 0;
};

struct Layout {
  int type;
  uint64_t rows, columns;
  int64_t ld;
};

struct Preference {
  std::map<int, uint64_t> values;
};

struct Heuristic {
  uint64_t algo[8];
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
};

const uint64_t ALGORITHM = 0x600d;
const uint64_t BACKWARD = ALGORITHM + 1;
const uint64_t FASTER = ALGORITHM + 2;

float element(const void* at, int type, int64_t i) {
  return type == 0 ? ((const float*)at)[i]
                   : __uint_as_float((unsigned)((const uint16_t*)at)[i] << 16);
}

}  // namespace

#define REGISTER(name) static bool registered_##name = add(#name, name);

extern "C" {

// Runtime

int cudaGetDeviceCount(int* count) {
  *count = DEVICES;
  return 0;
}

int cudaDeviceGetAttribute(int* value, int attribute, int) {
  long major = setting("EMULATED_MAJOR", 9);  // of its compute capability, 9.0
  *value = attribute == 16 ? 132 : attribute != 75 ? 0 : major;
  return 0;
}

int cudaSetDevice(int ordinal) {
  if (ordinal >= DEVICES) return 101;
  current = ordinal;
  return broken[ordinal] && !TOLD_LATE ? 700 : 0;
}

const char* cudaGetErrorString(int code) {
  return code == 2 ? "out of memory" : code == 700 ? "an illegal memory access" : "an error";
}

int cudaGetLastError() { return 0; }

int cudaMalloc(void** p, size_t size) {
  Guard guard(lock);
  if (broken[current]) return 700;
  if (used[current] + size > LIMIT) return 2;
  char* at = (char*)aligned_alloc(256, (size + FENCE + 255) / 256 * 256);
  for (size_t i = 0; i + 4 <= size; i += 4) {
    unsigned nan = 0x7fc07fc0u;
    memcpy(at + i, &nan, 4);
  }
  memset(at + size, 0x5a, FENCE);
  memory[at] = {size, current};
  used[current] += size;
  *p = at;
  return 0;
}

int cudaFree(void* p) {
  Guard guard(lock);
  run_all();  // as CUDA waits for the device
  check_fences();
  auto found = memory.find((char*)p);
  if (found == memory.end()) {
    fprintf(stderr, "emulated: cudaFree of what was not allocated\n");
    abort();
  }
  if (broken[found->second.device]) return 700;
  used[found->second.device] -= found->second.size;
  memory.erase(found);
  free(p);
  return 0;
}

int cudaMemGetInfo(size_t* free, size_t* total) {
  *total = LIMIT;
  *free = LIMIT - used[current];
  return broken[current] ? 700 : 0;
}

int cudaMallocHost(void** p, size_t size) {
  Guard guard(lock);
  *p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pinned[(char*)*p] = {size, current};
  return 0;
}

int cudaMemcpyAsync(void* to, const void* from, size_t size, int kind, void* stream) {
  Guard guard(lock);
  if (((Stream*)stream)->capturing && kind != 3) return 900;
  if (kind != 2 && !holds(memory, to, size)) return 1;
  if (kind != 1 && !holds(memory, from, size)) return 1;
  if (kind == 1 && !holds(pinned, from, size)) {  // such memory is copied away before the call returns
    std::string copy((const char*)from, size);
    return enqueue(stream, [=]() { memcpy(to, copy.data(), size); });
  }
  return enqueue(stream, [=]() { memmove(to, from, size); });
}

int cudaMemcpyPeerAsync(void* to, int, const void* from, int, size_t size, void* stream) {
  Guard guard(lock);
  return enqueue(stream, [=]() { memmove(to, from, size); });
}

int cudaMemsetAsync(void* p, int value, size_t size, void* stream) {
  Guard guard(lock);
  return enqueue(stream, [=]() { memset(p, value, size); });
}

int cudaStreamCreateWithFlags(void** stream, unsigned) {
  Guard guard(lock);
  if (streams.size() >= MOST_STREAMS) return 2;
  *stream = *streams.insert(new Stream()).first;
  return 0;
}

// It stays in memory: events may know it.
int cudaStreamDestroy(void* stream) {
  Guard guard(lock);
  Stream* s = (Stream*)stream;
  s->run_until(s->all());
  streams.erase(s);
  return 0;
}

int cudaStreamSynchronize(void* stream) {
  Guard guard(lock);
  Stream* s = (Stream*)stream;
  if (broken[s->device]) return 700;
  if (s->capturing) return 900;
  s->run_until(s->all());
  return 0;
}

int cudaStreamWaitEvent(void* stream, void* event, unsigned) {
  Guard guard(lock);
  if (((Stream*)stream)->capturing) return 900;
  Event of = *(Event*)event;
  return of.stream == nullptr ? 0 : enqueue(stream, [=]() { of.stream->run_until(of.until); });
}

int cudaEventCreateWithFlags(void** event, unsigned) {
  *event = new Event();
  return 0;
}

int cudaEventRecord(void* event, void* stream) {
  Guard guard(lock);
  Stream* s = (Stream*)stream;
  if (broken[s->device]) return 700;
  if (s->capturing) return 900;
  *(Event*)event = {s, s->all()};
  return 0;
}

int cudaEventDestroy(void* event) {
  delete (Event*)event;
  return 0;
}

int cudaStreamBeginCapture(void* stream, int) {
  ((Stream*)stream)->capturing = true;
  return 0;
}

int cudaStreamEndCapture(void* stream, void** graph) {
  Stream* s = (Stream*)stream;
  s->capturing = false;
  *graph = new Graph{std::move(s->recorded)};
  s->recorded.clear();
  return 0;
}

int cudaGraphInstantiate(void** record, void* graph, unsigned long long) {
  *record = new Graph(*(Graph*)graph);
  return 0;
}

int cudaGraphDestroy(void* graph) {
  delete (Graph*)graph;
  return 0;
}

int cudaGraphExecDestroy(void* record) {
  delete (Graph*)record;
  return 0;
}

int cudaGraphLaunch(void* record, void* stream) {
  Guard guard(lock);
  if (broken[((Stream*)stream)->device]) return 700;
  for (Work& work : ((Graph*)record)->work) {
    enqueue(stream, work);
  }
  return 0;
}

int cudaDeviceReset() {
  Guard guard(lock);
  broken[current] = broken[current] && STAYS_BROKEN;
  launches = -1000000000;  // a test breaks a device once
  for (auto* all : {&memory, &pinned}) {
    for (auto of = all->begin(); of != all->end();) {
      bool goes = of->second.device == current;
      if (goes && all == &pinned) {  // whoever touches it still is found
        mprotect(of->first, of->second.size, PROT_NONE);
      }
      of = goes ? all->erase(of) : std::next(of);
    }
  }
  used[current] = 0;
  for (Stream* s : streams) {
    if (s->device == current) s->queue.clear();
  }
  return 0;
}

// Driver

int cuGetErrorString(int code, const char** text) {
  *text = cudaGetErrorString(code);
  return 0;
}

int cuDeviceGetName(char* name, int length, int) {
  snprintf(name, length, "emulated GPU");
  return 0;
}

int cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = LIMIT;
  return 0;
}

int cuModuleLoadData(void** module, const void*) {
  *module = new int(0);
  return 0;
}

int cuModuleGetFunction(void** function, void*, const char* name) {
  auto found = kernels().find(name);
  if (found == kernels().end()) return 500;
  *function = &*found;
  return 0;
}

int cuFuncSetAttribute(void*, int attribute, int bytes) {
  return attribute == 8 && bytes <= (int)sizeof(shared_memory) ? 0 : 1;
}

int cuLaunchKernel(
    void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
    unsigned, void* stream, void** arguments, void**) {
  Guard guard(lock);
  if (bx * by * bz > 1024 || bx * by * bz == 0) return 1;
  if (++launches == FATAL_LAUNCH) {
    broken[((Stream*)stream)->device] = true;
    if (TOLD_LATE) return 0;
  }
  auto* kernel = (std::pair<const std::string, Binder>*)function;
  Work thread = kernel->second(arguments);
  return enqueue(stream, [=]() {
    gridDim = {gx, gy, gz};
    blockDim = {bx, by, bz};
    for (unsigned z = 0; z < gz; z++) {
      for (unsigned y = 0; y < gy; y++) {
        for (unsigned x = 0; x < gx; x++) {
          blockIdx = {x, y, z};
          thread();
        }
      }
    }
  });
}

struct LaunchConfig {  // CUlaunchConfig
  unsigned grid[3], block[3], shared;
  void* stream;
  const int* attributes;  // the first one's id in front
  unsigned count;
};

// Nothing begins early here, but a kernel that would not wait for those before it is found.
int cuLaunchKernelEx(const LaunchConfig* c, void* function, void** arguments, void** extra) {
  if (c->count != 1 || *c->attributes != 6) return 1;  // CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_...
  std::string name = ((std::pair<const std::string, Binder>*)function)->first;
  enqueue(c->stream, []() { emulated_followed = false; });
  int result = cuLaunchKernel(
      function, c->grid[0], c->grid[1], c->grid[2], c->block[0], c->block[1], c->block[2],
      c->shared, c->stream, arguments, extra);
  enqueue(c->stream, [=]() {
    if (!emulated_followed) {
      fprintf(stderr, "emulated: %s is launched to begin early and does not follow()\n", name.c_str());
      abort();
    }
  });
  return result;
}

// NVRTC: the kernels are compiled already

int nvrtcVersion(int* major, int* minor) {
  *major = 13;
  *minor = 0;
  return 0;
}

int nvrtcGetNumSupportedArchs(int* count) {
  *count = 2;
  return 0;
}

int nvrtcGetSupportedArchs(int* archs) {
  archs[0] = 80;
  archs[1] = 90;
  return 0;
}

int nvrtcCreateProgram(void** program, const char* source, const char*, int, void*, void*) {
  *program = new std::string(source);
  return strstr(source, "__global__") ? 0 : 1;
}

int nvrtcDestroyProgram(void** program) {
  delete (std::string*)*program;
  return 0;
}

int nvrtcCompileProgram(void*, int count, const char* const* options) {
  return count == 2 && !strncmp(options[0], "--gpu-architecture=sm_", 22) ? 0 : 5;
}

int nvrtcGetProgramLogSize(void*, size_t* size) {
  *size = 1;
  return 0;
}

int nvrtcGetProgramLog(void*, char* log) {
  *log = 0;
  return 0;
}

int nvrtcGetCUBINSize(void*, size_t* size) {
  *size = 4;
  return 0;
}

int nvrtcGetCUBIN(void*, char* image) {
  memcpy(image, "code", 4);
  return 0;
}

const char* nvrtcGetErrorString(int) { return "an error of NVRTC"; }

// cublasLt

int cublasLtCreate(void** handle) {
  Guard guard(lock);
  if (handles == MOST_HANDLES) return 3;
  handles++;
  *handle = new int(0);
  return 0;
}

int cublasLtDestroy(void* handle) {
  Guard guard(lock);
  handles--;
  delete (int*)handle;
  return 0;
}

const char* cublasLtGetStatusString(int) { return "an error of cublasLt"; }

int cublasLtMatmulDescCreate(void** desc, int compute, int scale) {
  *desc = new Desc();
  return compute == 68 && scale == 0 ? 0 : 7;
}

int cublasLtMatmulDescDestroy(void* desc) {
  delete (Desc*)desc;
  return 0;
}

int cublasLtMatmulDescSetAttribute(void* desc, int attribute, const void* value, size_t size) {
  if (size != 4) return 7;
  (attribute == 3 ? ((Desc*)desc)->transpose_a : ((Desc*)desc)->transpose_b) = *(const int*)value;
  return attribute == 3 || attribute == 4 ? 0 : 7;
}

int cublasLtMatrixLayoutCreate(void** layout, int type, uint64_t rows, uint64_t columns, int64_t ld) {
  *layout = new Layout{type, rows, columns, ld};
  return type == 0 || type == 14 ? 0 : 7;
}

int cublasLtMatrixLayoutDestroy(void* layout) {
  delete (Layout*)layout;
  return 0;
}

int cublasLtMatmulPreferenceCreate(void** preference) {
  *preference = new Preference();
  return 0;
}

int cublasLtMatmulPreferenceDestroy(void* preference) {
  delete (Preference*)preference;
  return 0;
}

int cublasLtMatmulPreferenceSetAttribute(void* p, int attribute, const void* value, size_t size) {
  uint64_t v = size == 8 ? *(const uint64_t*)value : *(const uint32_t*)value;
  ((Preference*)p)->values[attribute] = v;
  return size == 8 || size == 4 ? 0 : 7;
}

// For few rows one that adds the other way round comes first, so that taking it shows beside a larger
// batch; then one that gives the bits of ALGORITHM, which is for many rows.
int cublasLtMatmulAlgoGetHeuristic(
    void*, void*, void*, void*, void*, void* ld, void*, int most, Heuristic* results, int* found) {
  if (++choices == FAILING_CHOICE) return 14;  // CUBLAS_STATUS_INTERNAL_ERROR
  uint64_t rows = ((Layout*)ld)->columns;
  std::vector<uint64_t> all;
  if (rows < 64) all.push_back(BACKWARD);
  all.push_back(rows < 16384 ? FASTER : ALGORITHM);
  *found = std::min(most, (int)all.size());
  memset(results, 0, *found * sizeof(*results));
  for (int i = 0; i < *found; i++) results[i].algo[0] = all[i];
  return 0;
}

int cublasLtMatmulAlgoCheck(
    void*, void*, void*, void*, void*, void*, const uint64_t* algo, Heuristic* result) {
  result->workspace = 0;
  result->state = 0;
  return algo[0] >= ALGORITHM && algo[0] <= FASTER ? 0 : 7;
}

int cublasLtMatmul(
    void*, void* desc, const float* alpha, const void* a, void* la, const void* b, void* lb,
    const float* beta, const void* c, void* lc, void* d, void* ld, const uint64_t* algo, void*,
    size_t, void* stream) {
  Guard guard(lock);
  Desc s = *(Desc*)desc;
  Layout A = *(Layout*)la, B = *(Layout*)lb, D = *(Layout*)ld;
  float by = *alpha, keep = *beta;
  uint64_t m = s.transpose_a ? A.columns : A.rows, k = s.transpose_a ? A.rows : A.columns;
  uint64_t n = s.transpose_b ? B.rows : B.columns, k2 = s.transpose_b ? B.columns : B.rows;
  if (m != D.rows || n != D.columns || k != k2 || A.type != B.type || algo[0] < ALGORITHM ||
      algo[0] > FASTER || c != d || lc != ld) {
    return 7;
  }
  bool backward = algo[0] == BACKWARD;
  return enqueue(stream, [=]() {
    std::vector<float> left(m * k), sums(m);
    for (uint64_t p = 0; p < k; p++)
      for (uint64_t i = 0; i < m; i++)
        left[p * m + i] = element(a, A.type, s.transpose_a ? p + i * A.ld : i + p * A.ld);
    for (uint64_t j = 0; j < n; j++) {
      std::fill(sums.begin(), sums.end(), 0.0f);
      for (uint64_t step = 0; step < k; step++) {
        uint64_t p = backward ? k - 1 - step : step;
        float right = element(b, B.type, s.transpose_b ? j + p * B.ld : p + j * B.ld);
        for (uint64_t i = 0; i < m; i++) sums[i] += left[p * m + i] * right;
      }
      for (uint64_t i = 0; i < m; i++) {
        float sum = by * sums[i] + (keep == 0 ? 0 : keep * element(d, D.type, i + j * D.ld));
        if (D.type == 0) {
          ((float*)d)[i + j * D.ld] = sum;
        } else {
          put(((bf16*)d)[i + j * D.ld], sum);
        }
      }
    }
  });
}

}  // extern "C"
