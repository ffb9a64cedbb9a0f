// The backward pass of attention on tensor cores over any number of positions, in two halves like
// attention.cu's, with two numbers a query and head between them: log2 of the softmax's sum, and the dot
// of its weights and their gradients. A warp has 16 queries (first half) or 16 keys (second half); the
// others come TILE at a time. Block: at most 8 warps; grid: blocks, heads, samples. Shared: 2 tiles of a
// block's own rows, 2 of TILE.

// One sample's and head's part of the arrays.
template <int D>
struct Part {
  int wide;  // elements of all heads
  const bf16* qkv;
  const bf16* dy;
  bf16* dqkv;
  float* sums;
  float* dots;

  __device__ inline Part(
      const bf16* all, const bf16* gradients, bf16* to, float* stats, int per, int heads) {
    wide = heads * D;
    long long at = (long long)blockIdx.z * per * 3 * wide + (long long)blockIdx.y * D;
    qkv = all + at;
    dqkv = to + at;
    dy = gradients + (long long)blockIdx.z * per * wide + (long long)blockIdx.y * D;
    sums = stats + ((long long)blockIdx.z * heads + blockIdx.y) * per;
    dots = sums + (long long)gridDim.z * heads * per;
  }
};

template <int D, int TILE>
__device__ void backward_queries(const Part<D>& part, const float* rope, int per) {
  int rows = (int)blockDim.x / 2;
  bf16* queries = reinterpret_cast<bf16*>(shared_memory);
  bf16* gradients = queries + rows * (D + 8);
  bf16* keys = gradients + rows * (D + 8);
  bf16* values = keys + TILE * (D + 8);
  int from_row = (int)blockIdx.x * rows;
  int own = (int)threadIdx.x / 32 * 16;
  int t = lane_of() % 4;
  const float scale = 1.0f / sqrtf((float)D);
  const float log2_scale = LOG2_E * scale;

  bring_rows<D>(gradients, part.dy, part.wide, from_row, rows, per);
  bring_turned<D>(queries, part.qkv, 3 * part.wide, rope, from_row, rows, per);
  float max[2] = {-INFINITE, -INFINITE};
  float total[2] = {0.0f, 0.0f};
  float dot[2] = {0.0f, 0.0f};
  float out[D / 8][4];
  clear<D>(out);
  // Twice over the keys: for the softmax's sum and dot, then for the gradient.
  for (int pass = 0; pass < 2; pass++) {
    for (int from = 0; from < per; from += TILE) {
      __syncthreads();
      bring_rows<D>(values, part.qkv + 2 * part.wide, 3 * part.wide, from, TILE, per);
      copies_begun();
      bring_turned<D>(keys, part.qkv + part.wide, 3 * part.wide, rope, from, TILE, per);
      copies_arrived<0>();
      __syncthreads();
      float s[TILE / 8][4], dp[TILE / 8][4];
      by_tile<D, TILE>(s, queries, own, keys, per - from);
      by_tile<D, TILE>(dp, gradients, own, values, per - from);
#pragma unroll
      for (int h = 0; h < 2; h++) {
        float higher = max[h];
#pragma unroll
        for (int n = 0; n < TILE / 8; n++) {
#pragma unroll
          for (int j = 2 * h; j < 2 * h + 2; j++) {
            bool there = from + n * 8 + 2 * t + j % 2 < per;
            s[n][j] = there ? s[n][j] * log2_scale : -INFINITE;
            higher = fmaxf(higher, s[n][j]);
          }
        }
        if (pass == 0) {
          higher = fmaxf(higher, __shfl_xor_sync(0xffffffffu, higher, 1));
          higher = fmaxf(higher, __shfl_xor_sync(0xffffffffu, higher, 2));
          float keep = exp2_fast(max[h] - higher);
          max[h] = higher;
          total[h] *= keep;
          dot[h] *= keep;
        }
#pragma unroll
        for (int n = 0; n < TILE / 8; n++) {
#pragma unroll
          for (int j = 2 * h; j < 2 * h + 2; j++) {
            float p = exp2_fast(s[n][j] - max[h]);
            if (pass == 0) {
              total[h] += p;
              dot[h] += p * dp[n][j];
            } else {
              s[n][j] = p * total[h] * (dp[n][j] - dot[h]);
            }
          }
        }
      }
      if (pass == 1) {
        times_tile<D, TILE>(out, s, keys, per - from);
      }
    }
    if (pass == 0) {
#pragma unroll
      for (int h = 0; h < 2; h++) {
        for (int step = 1; step < 4; step *= 2) {
          total[h] += __shfl_xor_sync(0xffffffffu, total[h], step);
          dot[h] += __shfl_xor_sync(0xffffffffu, dot[h], step);
        }
        dot[h] /= total[h];
        int row = from_row + own + lane_of() / 4 + 8 * h;
        if (row < per && t == 0) {
          part.sums[row] = max[h] + log2f(total[h]);
          part.dots[row] = dot[h];
        }
        total[h] = scale / total[h];  // from here on the factor of a weight's gradient
      }
    }
  }
  leave_rows<D>(
      out, queries, own, part.dqkv, 3 * part.wide, rope, from_row + own, per);
}

template <int D, int TILE>
__device__ void backward_keys(const Part<D>& part, const float* rope, int per) {
  int rows = (int)blockDim.x / 2;
  bf16* keys = reinterpret_cast<bf16*>(shared_memory);
  bf16* values = keys + rows * (D + 8);
  bf16* queries = values + rows * (D + 8);
  bf16* gradients = queries + TILE * (D + 8);
  int from_row = (int)blockIdx.x * rows;
  int own = (int)threadIdx.x / 32 * 16;
  int t = lane_of() % 4;
  const float scale = 1.0f / sqrtf((float)D);
  const float log2_scale = LOG2_E * scale;

  bring_rows<D>(values, part.qkv + 2 * part.wide, 3 * part.wide, from_row, rows, per);
  bring_turned<D>(keys, part.qkv + part.wide, 3 * part.wide, rope, from_row, rows, per);
  float dk[D / 8][4], dv[D / 8][4];
  clear<D>(dk);
  clear<D>(dv);
  for (int from = 0; from < per; from += TILE) {
    __syncthreads();
    bring_rows<D>(gradients, part.dy, part.wide, from, TILE, per);
    copies_begun();
    bring_turned<D>(queries, part.qkv, 3 * part.wide, rope, from, TILE, per);
    copies_arrived<0>();
    __syncthreads();
    float s[TILE / 8][4], dp[TILE / 8][4];  // (16 keys, TILE queries)
    by_tile<D, TILE>(s, keys, own, queries, per - from);
    by_tile<D, TILE>(dp, values, own, gradients, per - from);
#pragma unroll
    for (int n = 0; n < TILE / 8; n++) {
#pragma unroll
      for (int j = 0; j < 4; j++) {
        int query = from + n * 8 + 2 * t + j % 2;
        bool there = query < per;
        float p = there ? exp2_fast(s[n][j] * log2_scale - part.sums[query]) : 0.0f;
        s[n][j] = p;
        dp[n][j] = there ? p * (dp[n][j] - part.dots[query]) * scale : 0.0f;
      }
    }
    times_tile<D, TILE>(dv, s, gradients, per - from);
    times_tile<D, TILE>(dk, dp, queries, per - from);
  }
  bf16* to = part.dqkv + part.wide;
  leave_rows<D>(dk, keys, own, to, 3 * part.wide, rope, from_row + own, per);
  leave_rows<D>(dv, keys, own, to + part.wide, 3 * part.wide, nullptr, from_row + own, per);
}

#define ATTENTION_MMA_BACKWARD(D, TILE)                                                  \
  extern "C" __global__ void __launch_bounds__(256) attention_mma_backward_queries_##D(  \
      const bf16* qkv, const float* rope, const bf16* dy, bf16* dqkv, float* stats,      \
      int per, int heads) {                                                              \
    backward_queries<D, TILE>(Part<D>(qkv, dy, dqkv, stats, per, heads), rope, per);     \
  }                                                                                      \
  extern "C" __global__ void __launch_bounds__(256) attention_mma_backward_keys_##D(     \
      const bf16* qkv, const float* rope, const bf16* dy, bf16* dqkv, float* stats,      \
      int per, int heads) {                                                              \
    backward_keys<D, TILE>(Part<D>(qkv, dy, dqkv, stats, per, heads), rope, per);        \
  }
ATTENTION_MMA_BACKWARD(16, 64)
ATTENTION_MMA_BACKWARD(32, 64)
ATTENTION_MMA_BACKWARD(64, 64)
ATTENTION_MMA_BACKWARD(128, 32)
