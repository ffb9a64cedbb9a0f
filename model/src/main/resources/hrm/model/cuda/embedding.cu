// Input embeddings (batch, prefix + length, d) from tables in float32, their gradients, and the puzzles' own
// update.

// The row of a position: its puzzle's vectors (batch, prefix, d) in front, then tokens; with learned
// positions 0.7071 (x + position); all times root. One block a row.
template <typename T, int V>
__device__ void embed(
    const float* tokens, const float* puzzles, const float* positions, const int* ids, T* y,
    int length, int prefix, int d, float root) {
  long long row = blockIdx.x;
  int position = (int)(row % (length + prefix));
  long long sample = row / (length + prefix);
  const float* from = position >= prefix
      ? tokens + (long long)ids[sample * length + position - prefix] * d
      : puzzles + (sample * prefix + position) * d;
  for (int i = threadIdx.x * V; i < d; i += blockDim.x * V) {
    Pack<T, V> p;
    for (int k = 0; k < V; k++) {
      float x = from[i + k];
      if (positions != nullptr) {
        x = 0.707106781f * (x + positions[(long long)position * d + i + k]);
      }
      put(p.v[k], root * x);
    }
    store<T, V>(y + row * d + i, p);
  }
}

#define EMBED_PARAMETERS(T)                                                                 \
  (const float* tokens, const float* puzzles, const float* positions, const int* ids, T* y, \
   int length, int prefix, int d, float root)
FOR_EACH_TYPE(
    embed, EMBED_PARAMETERS, (tokens, puzzles, positions, ids, y, length, prefix, d, root))

// parts (parts, vocab, d): sums of dy over the positions of one token in one part of the samples, in
// their order. Grid: vocab, parts.
template <typename T>
__device__ void token_gradients(
    const T* dy, const int* ids, float* parts, int batch, int per_part, int length, int prefix,
    int d) {
  int token = blockIdx.x;
  int first = blockIdx.y * per_part;
  int end = first + per_part < batch ? first + per_part : batch;
  for (int i = threadIdx.x; i < d; i += blockDim.x) {
    float sum = 0.0f;
    for (int b = first; b < end; b++) {
      for (int s = 0; s < length; s++) {
        if (ids[(long long)b * length + s] == token) {
          sum += to_float(dy[((long long)b * (length + prefix) + prefix + s) * d + i]);
        }
      }
    }
    parts[((long long)blockIdx.y * gridDim.x + token) * d + i] = sum;
  }
}

extern "C" __global__ void token_gradients_f1(
    const float* dy, const int* ids, float* parts, int batch, int per_part, int length, int prefix,
    int d) {
  token_gradients<float>(dy, ids, parts, batch, per_part, length, prefix, d);
}

extern "C" __global__ void token_gradients_b1(
    const bf16* dy, const int* ids, float* parts, int batch, int per_part, int length, int prefix,
    int d) {
  token_gradients<bf16>(dy, ids, parts, batch, per_part, length, prefix, d);
}

// y (n) = scale times the sum of count rows of n.
template <typename T>
__device__ void sum_rows(const T* x, float* y, long long n, int count, float scale) {
  for (long long i = grid_begin(1); i < n; i += grid_stride(1)) {
    float sum = 0.0f;
    for (int row = 0; row < count; row++) {
      sum += to_float(x[row * n + i]);
    }
    y[i] = scale * sum;
  }
}

extern "C" __global__ void sum_rows_f1(
    const float* x, float* y, long long n, int count, float scale) {
  sum_rows<float>(x, y, n, count, scale);
}

extern "C" __global__ void sum_rows_b1(
    const bf16* x, float* y, long long n, int count, float scale) {
  sum_rows<bf16>(x, y, n, count, scale);
}

// Rows of a table (any, width) of which n elements move by the sign of their gradients' sum: row = row
// keep - rate sign. plan: the rows' numbers, count + 1 places, and the rows of gradient (batch, width) that
// lie between two places for one row. One block a row.
template <typename T>
__device__ void sign_sgd(
    float* table, const T* gradient, const int* plan, int count, int width, int n, float keep,
    float rate) {
  float* row = table + (long long)plan[blockIdx.x] * width;
  const int* places = plan + count;
  const int* members = places + count + 1;
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    float sum = 0.0f;
    for (int m = places[blockIdx.x]; m < places[blockIdx.x + 1]; m++) {
      sum += to_float(gradient[(long long)members[m] * width + i]);
    }
    row[i] = row[i] * keep - rate * (float)((sum > 0.0f) - (sum < 0.0f));
  }
}

extern "C" __global__ void sign_sgd_f1(
    float* table, const float* gradient, const int* plan, int count, int width, int n, float keep,
    float rate) {
  sign_sgd<float>(table, gradient, plan, count, width, n, keep, rate);
}

extern "C" __global__ void sign_sgd_b1(
    float* table, const bf16* gradient, const int* plan, int count, int width, int n, float keep,
    float rate) {
  sign_sgd<bf16>(table, gradient, plan, count, width, n, keep, rate);
}
