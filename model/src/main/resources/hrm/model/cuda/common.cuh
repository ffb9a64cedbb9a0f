// What every kernel source begins with. No header is needed: NVRTC compiles it as it stands.
//
// Values are float32 or bfloat16 in memory and float32 in registers. A kernel's name ends in the type
// in memory and the elements of one access: f1, f4 (float), b1, b8 (bfloat16). Rows wider than one
// access are read by a warp, so row kernels want blockDim.x to be a multiple of 32.

struct bf16 {
  unsigned short bits;
};

template <typename T, int V>
struct alignas(sizeof(T) * V) Pack {
  T v[V];
};

template <typename T, int V>
__device__ inline Pack<T, V> load(const T* at) {
  return *reinterpret_cast<const Pack<T, V>*>(at);
}

template <typename T, int V>
__device__ inline void store(T* at, const Pack<T, V>& pack) {
  *reinterpret_cast<Pack<T, V>*>(at) = pack;
}

__device__ inline float to_float(float x) { return x; }

__device__ inline float to_float(bf16 x) { return __uint_as_float((unsigned)x.bits << 16); }

// Round to nearest, ties to even; NaN stays NaN. pair_of: two neighbours of a row as one register, the
// first in the low half.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
__device__ inline unsigned pair_of(float first, float second) {
  unsigned pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
  return pair;
}

__device__ inline unsigned bf16_bits(float x) { return pair_of(x, 0.0f); }
#else
__device__ inline unsigned bf16_bits(float x) {
  unsigned u = __float_as_uint(x);
  if ((u & 0x7fffffffu) > 0x7f800000u) {
    return 0x7fffu;
  }
  return (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
}

__device__ inline unsigned pair_of(float first, float second) {
  return bf16_bits(first) | (bf16_bits(second) << 16);
}
#endif

__device__ inline void put(float& to, float x) { to = x; }

__device__ inline void put(bf16& to, float x) { to.bits = (unsigned short)bf16_bits(x); }

#define INFINITE __int_as_float(0x7f800000)
#define LOG2_E 1.4426950408889634f

__device__ inline float warp_sum(float x) {
  for (int step = 16; step > 0; step /= 2) {
    x += __shfl_xor_sync(0xffffffffu, x, step);
  }
  return x;
}

// The sum over a block of whole warps, 32 at most, in every thread.
__device__ inline float block_sum(float x) {
  __shared__ float warps[32];
  x = warp_sum(x);
  if (threadIdx.x % 32 == 0) {
    warps[threadIdx.x / 32] = x;
  }
  __syncthreads();
  float sum = 0.0f;
  for (int w = 0; w < (int)(blockDim.x / 32); w++) {
    sum += warps[w];
  }
  __syncthreads();
  return sum;
}

__device__ inline float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

// 2 to the x, 1 / x and 1 / sqrt(x), to a few units in the last place.
#ifndef EMULATED
__device__ inline float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

__device__ inline float reciprocal_fast(float x) {
  float y;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

__device__ inline float inverse_root_fast(float x) {
  float y;
  asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
#endif

// 1 / rms of numbers that have these squares' sum, as exact as the type in memory asks for.
__device__ inline float inverse_rms(float squares, int width, float eps, float) {
  return 1.0f / sqrtf(squares / width + eps);
}

__device__ inline float inverse_rms(float squares, int width, float eps, bf16) {
  return inverse_root_fast(squares * (1.0f / width) + eps);
}

// silu(gate) up, as exact as its type in memory asks for.
__device__ inline float gated(float gate, float up, float) { return gate * sigmoid(gate) * up; }

__device__ inline float gated(float gate, float up, bf16) {
  return gate * reciprocal_fast(1.0f + exp2_fast(-LOG2_E * gate)) * up;
}

// The row that this warp works on, and the lane within it.
__device__ inline long long warp_row() {
  return (long long)blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
}

__device__ inline int lane_of() { return (int)(threadIdx.x % 32); }

// First element of this thread when a grid walks an array, and the grid's stride, in elements.
__device__ inline long long grid_begin(int v) {
  return ((long long)blockIdx.x * blockDim.x + threadIdx.x) * v;
}

__device__ inline long long grid_stride(int v) { return (long long)gridDim.x * blockDim.x * v; }

// Waits for the kernels before this one, where it was launched to begin beside their ends; from then on
// the next one may begin, up to where it waits.
#ifndef EMULATED
__device__ inline void follow() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;\ngriddepcontrol.launch_dependents;" ::: "memory");
#endif
}
#endif

// One kernel for each type in memory and access width.
#define FOR_EACH_TYPE(name, parameters, arguments)                                       \
  ONE_TYPE(name##_f1, name, float, 1, parameters, arguments)                             \
  ONE_TYPE(name##_f4, name, float, 4, parameters, arguments)                             \
  ONE_TYPE(name##_b1, name, bf16, 1, parameters, arguments)                              \
  ONE_TYPE(name##_b8, name, bf16, 8, parameters, arguments)
#define ONE_TYPE(kernel, name, T, V, parameters, arguments)                              \
  extern "C" __global__ void kernel parameters(T) {                                      \
    follow();                                                                            \
    name<T, V> arguments;                                                                \
  }
