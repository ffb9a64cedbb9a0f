// RMSNorm with its residual sum, distances between states, their fingerprints. One warp a row, unless said.

// y = s / rms(s), s = x + r; y may be x or r, since a lane reads an element before it writes it.
// inverse (rows) receives 1 / rms(s), moved (rows) the squared distance of y from before; both, or
// before, may be null.
template <typename T, int V>
__device__ void add_norm(
    const T* x, const T* r, T* y, float* inverse, const T* before, float* moved, int rows,
    int width, float eps) {
  long long row = warp_row();
  if (row >= rows) {
    return;
  }
  int lane = lane_of();
  long long at = row * width;
  float squares = 0.0f;
  for (int i = lane * V; i < width; i += 32 * V) {
    Pack<T, V> p = load<T, V>(x + at + i);
    Pack<T, V> q = load<T, V>(r + at + i);
    for (int k = 0; k < V; k++) {
      float s = to_float(p.v[k]) + to_float(q.v[k]);
      squares = fmaf(s, s, squares);
    }
  }
  squares = warp_sum(squares);
  float scale = inverse_rms(squares, width, eps, T());
  float gone = 0.0f;
  for (int i = lane * V; i < width; i += 32 * V) {
    Pack<T, V> p = load<T, V>(x + at + i);
    Pack<T, V> q = load<T, V>(r + at + i);
    for (int k = 0; k < V; k++) {
      put(p.v[k], (to_float(p.v[k]) + to_float(q.v[k])) * scale);
    }
    if (before != nullptr) {
      Pack<T, V> b = load<T, V>(before + at + i);
      for (int k = 0; k < V; k++) {
        float d = to_float(p.v[k]) - to_float(b.v[k]);
        gone += d * d;
      }
    }
    store<T, V>(y + at + i, p);
  }
  if (inverse != nullptr && lane == 0) {
    inverse[row] = scale;
  }
  if (before != nullptr) {
    gone = warp_sum(gone);
    if (lane == 0) {
      moved[row] = gone;
    }
  }
}

#define ADD_NORM_PARAMETERS(T)                                                                  \
  (const T* x, const T* r, T* y, float* inverse, const T* before, float* moved, int rows,       \
   int width, float eps)
FOR_EACH_TYPE(
    add_norm, ADD_NORM_PARAMETERS, (x, r, y, inverse, before, moved, rows, width, eps))

// dx = (dy - y mean(dy y)) inverse; dx may be dy.
template <typename T, int V>
__device__ void add_norm_backward(
    const T* dy, const T* y, const float* inverse, T* dx, int rows, int width) {
  long long row = warp_row();
  if (row >= rows) {
    return;
  }
  int lane = lane_of();
  long long at = row * width;
  float dot = 0.0f;
  for (int i = lane * V; i < width; i += 32 * V) {
    Pack<T, V> p = load<T, V>(dy + at + i);
    Pack<T, V> q = load<T, V>(y + at + i);
    for (int k = 0; k < V; k++) {
      dot += to_float(p.v[k]) * to_float(q.v[k]);
    }
  }
  float mean = warp_sum(dot) / width;
  float scale = inverse[row];
  for (int i = lane * V; i < width; i += 32 * V) {
    Pack<T, V> p = load<T, V>(dy + at + i);
    Pack<T, V> q = load<T, V>(y + at + i);
    for (int k = 0; k < V; k++) {
      put(p.v[k], (to_float(p.v[k]) - to_float(q.v[k]) * mean) * scale);
    }
    store<T, V>(dx + at + i, p);
  }
}

#define ADD_NORM_BACKWARD_PARAMETERS(T) \
  (const T* dy, const T* y, const float* inverse, T* dx, int rows, int width)
FOR_EACH_TYPE(add_norm_backward, ADD_NORM_BACKWARD_PARAMETERS, (dy, y, inverse, dx, rows, width))

// norms[i] = root of the sum of moved over the per rows of sample i. One warp a sample.
extern "C" __global__ void sample_norms(const float* moved, float* norms, int batch, int per) {
  follow();
  long long sample = warp_row();
  if (sample >= batch) {
    return;
  }
  float sum = 0.0f;
  for (int i = lane_of(); i < per; i += 32) {
    sum += moved[sample * per + i];
  }
  sum = warp_sum(sum);
  if (lane_of() == 0) {
    norms[sample] = sqrtf(sum);
  }
}

// norms[i] = ||a_i - b_i|| over n elements. One block of 256 a sample.
template <typename T, int V>
__device__ void distances(const T* a, const T* b, float* norms, int n) {
  long long at = (long long)blockIdx.x * n;
  float sum = 0.0f;
  for (int i = threadIdx.x * V; i < n; i += blockDim.x * V) {
    Pack<T, V> p = load<T, V>(a + at + i);
    Pack<T, V> q = load<T, V>(b + at + i);
    for (int k = 0; k < V; k++) {
      float d = to_float(p.v[k]) - to_float(q.v[k]);
      sum += d * d;
    }
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    norms[blockIdx.x] = sqrtf(sum);
  }
}

// fingerprints[i] = norm of x's row rows[i], then its hash as two words; hrm.model.Fingerprint says of
// what. One block of 256 a row: a thread takes every 256th access, and its part of the polynomial is
// moved to its place at the end.
#define MULTIPLIER 6364136223846793005ull

__device__ inline unsigned long long multiplier_to(int exponent) {
  unsigned long long power = 1;
  unsigned long long square = MULTIPLIER;
  for (; exponent > 0; exponent >>= 1) {
    power = (exponent & 1) == 0 ? power : power * square;
    square *= square;
  }
  return power;
}

template <typename T, int V>
__device__ void fingerprints(const T* x, const int* rows, float* out, int n) {
  __shared__ float squares[256];
  __shared__ unsigned long long hashes[256];
  int t = (int)threadIdx.x;
  const T* row = x + (long long)rows[blockIdx.x] * n;
  unsigned long long stride = multiplier_to(256 * V - V);
  unsigned long long hash = 0;
  float sum = 0.0f;
  int end = t * V;
  for (int i = t * V; i < n; i += 256 * V) {
    Pack<T, V> p = load<T, V>(row + i);
    hash *= stride;
    for (int k = 0; k < V; k++) {
      float value = to_float(p.v[k]);
      hash = hash * MULTIPLIER + __float_as_uint(value);
      sum += value * value;
    }
    end = i + V;
  }
  squares[t] = sum;
  hashes[t] = end <= n ? hash * multiplier_to(n - end) : 0;
  __syncthreads();
  for (int half = 128; half > 0; half /= 2) {
    if (t < half) {
      squares[t] += squares[t + half];
      hashes[t] += hashes[t + half];
    }
    __syncthreads();
  }
  if (t == 0) {
    out[3 * blockIdx.x] = sqrtf(squares[0]);
    out[3 * blockIdx.x + 1] = __uint_as_float((unsigned)(hashes[0] >> 32));
    out[3 * blockIdx.x + 2] = __uint_as_float((unsigned)hashes[0]);
  }
}

#define FINGERPRINTS_PARAMETERS(T) (const T* x, const int* rows, float* out, int n)
FOR_EACH_TYPE(fingerprints, FINGERPRINTS_PARAMETERS, (x, rows, out, n))

#define DISTANCES_PARAMETERS(T) (const T* a, const T* b, float* norms, int n)
FOR_EACH_TYPE(distances, DISTANCES_PARAMETERS, (a, b, norms, n))
