// Kernels over arrays, element by element. n counts elements and is a multiple of the access width.

// y = a + b; y may be a or b.
template <typename T, int V>
__device__ void add_elements(const T* a, const T* b, T* y, long long n) {
  for (long long i = grid_begin(V); i < n; i += grid_stride(V)) {
    Pack<T, V> p = load<T, V>(a + i);
    Pack<T, V> q = load<T, V>(b + i);
    for (int k = 0; k < V; k++) {
      put(p.v[k], to_float(p.v[k]) + to_float(q.v[k]));
    }
    store<T, V>(y + i, p);
  }
}

#define ADD_PARAMETERS(T) (const T* a, const T* b, T* y, long long n)
FOR_EACH_TYPE(add_elements, ADD_PARAMETERS, (a, b, y, n))

// y = a x + b y; y may be x. y is not read where b is 0.
template <typename T, int V>
__device__ void blend(const T* x, T* y, long long n, float a, float b) {
  for (long long i = grid_begin(V); i < n; i += grid_stride(V)) {
    Pack<T, V> p = load<T, V>(x + i);
    Pack<T, V> q = p;
    if (b != 0.0f) {
      q = load<T, V>(y + i);
    }
    for (int k = 0; k < V; k++) {
      float old = b == 0.0f ? 0.0f : b * to_float(q.v[k]);
      put(p.v[k], a * to_float(p.v[k]) + old);
    }
    store<T, V>(y + i, p);
  }
}

#define BLEND_PARAMETERS(T) (const T* x, T* y, long long n, float a, float b)
FOR_EACH_TYPE(blend, BLEND_PARAMETERS, (x, y, n, a, b))

template <typename T, int V>
__device__ void fill(T* x, long long n, float value) {
  Pack<T, V> p;
  for (int k = 0; k < V; k++) {
    put(p.v[k], value);
  }
  for (long long i = grid_begin(V); i < n; i += grid_stride(V)) {
    store<T, V>(x + i, p);
  }
}

#define FILL_PARAMETERS(T) (T * x, long long n, float value)
FOR_EACH_TYPE(fill, FILL_PARAMETERS, (x, n, value))

extern "C" __global__ void float_to_bf16(const float* x, bf16* y, long long n) {
  for (long long i = grid_begin(1); i < n; i += grid_stride(1)) {
    put(y[i], x[i]);
  }
}

extern "C" __global__ void bf16_to_float(const bf16* x, float* y, long long n) {
  for (long long i = grid_begin(1); i < n; i += grid_stride(1)) {
    y[i] = to_float(x[i]);
  }
}

// y row i = x row from[i], or fallback (length floats) repeated where from[i] is negative.
// Grid: one block a row of n elements; block of any size.
template <typename T, int V>
__device__ void gather_rows(
    const T* x, const int* from, const float* fallback, int length, T* y, int n) {
  long long row = blockIdx.x;
  int source = from[row];
  for (int i = threadIdx.x * V; i < n; i += blockDim.x * V) {
    Pack<T, V> p;
    if (source >= 0) {
      p = load<T, V>(x + (long long)source * n + i);
    } else {
      for (int k = 0; k < V; k++) {
        put(p.v[k], fallback[(i + k) % length]);
      }
    }
    store<T, V>(y + row * n + i, p);
  }
}

#define GATHER_PARAMETERS(T) \
  (const T* x, const int* from, const float* fallback, int length, T* y, int n)
FOR_EACH_TYPE(gather_rows, GATHER_PARAMETERS, (x, from, fallback, length, y, n))

// y (batch, columns, rows) = x (batch, rows, columns). Block 32 x 8; grid: columns / 32, rows / 32,
// samples, each rounded up.
template <typename T>
__device__ void transpose(const T* x, T* y, int batch, int rows, int columns) {
  __shared__ T tile[32][33];
  int tx = threadIdx.x;
  int ty = threadIdx.y;
  for (int sample = blockIdx.z; sample < batch; sample += gridDim.z) {
    const T* from = x + (long long)sample * rows * columns;
    T* to = y + (long long)sample * rows * columns;
    int column = blockIdx.x * 32 + tx;
    for (int i = ty; i < 32; i += 8) {
      int row = blockIdx.y * 32 + i;
      if (row < rows && column < columns) {
        tile[i][tx] = from[(long long)row * columns + column];
      }
    }
    __syncthreads();
    int row = blockIdx.y * 32 + tx;
    for (int i = ty; i < 32; i += 8) {
      int out = blockIdx.x * 32 + i;
      if (row < rows && out < columns) {
        to[(long long)out * rows + row] = tile[tx][i];
      }
    }
    __syncthreads();
  }
}

extern "C" __global__ void transpose_f1(const float* x, float* y, int batch, int rows, int columns) {
  transpose<float>(x, y, batch, rows, columns);
}

extern "C" __global__ void transpose_b1(const bf16* x, bf16* y, int batch, int rows, int columns) {
  transpose<bf16>(x, y, batch, rows, columns);
}
