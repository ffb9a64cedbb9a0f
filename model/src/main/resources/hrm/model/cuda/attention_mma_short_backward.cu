// The backward pass of attention over at most 96 positions, on tensor cores, by one block for each head
// of a sample: a warp computes the weights of its 16 queries and their gradients, then, over the
// weights that all have left in shared memory, the gradients of its 16 keys and values.

// c (16, D) = the transpose of columns first..first + 16 of weights, times the first `rows` rows of a tile.
template <int D, int ROWS>
__device__ inline void by_keys(
    float (*c)[4], const bf16* weights, int first, const bf16* tile, int rows) {
  int lane = lane_of();
  clear<D>(c);
#pragma unroll
  for (int n = 0; n < ROWS / 16; n++) {
    if (n * 16 < rows) {
      unsigned a[4];
      matrices_turned(
          a, weights + place<ROWS>(n * 16 + lane / 16 * 8 + lane % 8, first + lane / 8 % 2 * 8));
      times_rows<D>(c, a, tile, n * 16);
    }
  }
}

// Turns scores s (16, ROWS) into weights, and the gradients of the weights, dp, into those of scores.
template <int D, int ROWS>
__device__ inline void softmax_backward(float (*s)[4], float (*dp)[4], int per) {
  const float scale = 1.0f / sqrtf((float)D);
  const float log2_scale = LOG2_E * scale;
  int t = lane_of() % 4;
#pragma unroll
  for (int h = 0; h < 2; h++) {
    float max = -INFINITE;
#pragma unroll
    for (int n = 0; n < ROWS / 8; n++) {
#pragma unroll
      for (int j = 2 * h; j < 2 * h + 2; j++) {
        s[n][j] = n * 8 + 2 * t + j % 2 < per ? s[n][j] : -INFINITE;
        max = fmaxf(max, s[n][j]);
      }
    }
    max = fmaxf(max, __shfl_xor_sync(0xffffffffu, max, 1));
    max = fmaxf(max, __shfl_xor_sync(0xffffffffu, max, 2));
    float least = -max * log2_scale;
    float total = 0.0f;
    float dot = 0.0f;
#pragma unroll
    for (int n = 0; n < ROWS / 8; n++) {
#pragma unroll
      for (int j = 2 * h; j < 2 * h + 2; j++) {
        s[n][j] = exp2_fast(s[n][j] * log2_scale + least);
        total += s[n][j];
        dot += s[n][j] * dp[n][j];
      }
    }
    for (int step = 1; step < 4; step *= 2) {
      total += __shfl_xor_sync(0xffffffffu, total, step);
      dot += __shfl_xor_sync(0xffffffffu, dot, step);
    }
    float inverse = 1.0f / total;
    dot *= inverse;
#pragma unroll
    for (int n = 0; n < ROWS / 8; n++) {
#pragma unroll
      for (int j = 2 * h; j < 2 * h + 2; j++) {
        s[n][j] *= inverse;
        dp[n][j] = s[n][j] * (dp[n][j] - dot) * scale;
      }
    }
  }
}

template <int ROWS>
__device__ inline void keep_weights(float (*c)[4], bf16* weights, int first) {
  int g = lane_of() / 4;
  int t = lane_of() % 4;
#pragma unroll
  for (int n = 0; n < ROWS / 8; n++) {
#pragma unroll
    for (int h = 0; h < 2; h++) {
      *reinterpret_cast<unsigned*>(weights + place<ROWS>(first + g + 8 * h, n * 8) + 2 * t) =
          pair_of(c[n][2 * h], c[n][2 * h + 1]);
    }
  }
}

// Block: a warp for each 16 positions; grid: 1, heads, samples. Shared: 4 tiles, 2 (ROWS, ROWS + 8).
template <int D, int ROWS>
__device__ void attention_short_backward(
    const bf16* qkv, const float* rope, const bf16* dy, bf16* dqkv, int per, int heads) {
  const int tile = ROWS * (D + 8);
  bf16* queries = reinterpret_cast<bf16*>(shared_memory);
  bf16* keys = queries + tile;
  bf16* values = keys + tile;
  bf16* gradients = values + tile;
  bf16* weights = gradients + tile;
  bf16* d_scores = weights + ROWS * (ROWS + 8);
  int wide = heads * D;
  int rows = (int)blockDim.x / 2;
  long long at = (long long)blockIdx.z * per * 3 * wide + (long long)blockIdx.y * D;
  const bf16* base = qkv + at;
  const bf16* d_base = dy + (long long)blockIdx.z * per * wide + (long long)blockIdx.y * D;
  bring_rows<D>(values, base + 2 * wide, 3 * wide, 0, rows, per);
  bring_rows<D>(gradients, d_base, wide, 0, rows, per);
  copies_begun();
  bring_queries_and_keys<D>(queries, keys, base, wide, rope, rows, per);
  copies_arrived<0>();
  __syncthreads();

  int first = (int)threadIdx.x / 32 * 16;
  float s[ROWS / 8][4], dp[ROWS / 8][4];
  by_tile<D, ROWS>(s, queries, first, keys, per);
  by_tile<D, ROWS>(dp, gradients, first, values, per);
  softmax_backward<D, ROWS>(s, dp, per);
  keep_weights<ROWS>(s, weights, first);
  keep_weights<ROWS>(dp, d_scores, first);
  float out[D / 8][4];
  clear<D>(out);
  times_tile<D, ROWS>(out, dp, keys, per);
  __syncthreads();  // weights are there, keys and values have been read
  leave_rows<D>(out, keys, first, dqkv + at, 3 * wide, rope, first, per);
  by_keys<D, ROWS>(out, d_scores, first, queries, rows);
  leave_rows<D>(out, keys, first, dqkv + at + wide, 3 * wide, rope, first, per);
  by_keys<D, ROWS>(out, weights, first, gradients, rows);
  leave_rows<D>(out, values, first, dqkv + at + 2 * wide, 3 * wide, nullptr, first, per);
}

#define ATTENTION_SHORT_BACKWARD(D)                                                       \
  extern "C" __global__ void __launch_bounds__(192, 2) attention_short_backward_##D(      \
      const bf16* qkv, const float* rope, const bf16* dy, bf16* dqkv, int per, int heads) { \
    attention_short_backward<D, 96>(qkv, rope, dy, dqkv, per, heads);                     \
  }
ATTENTION_SHORT_BACKWARD(16)
ATTENTION_SHORT_BACKWARD(32)
ATTENTION_SHORT_BACKWARD(64)
