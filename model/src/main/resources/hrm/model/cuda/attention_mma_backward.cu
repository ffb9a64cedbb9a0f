// The backward pass of attention on tensor cores, in two halves like attention.cu's, with the same
// stats between them. Fragments are explained in mma.cuh; blocks are those of attention_mma.cu. A
// warp holds 16 queries (first half) or 16 keys (second half); the others come through shared memory,
// TILE at a time, once as (TILE, D) and once as (D, TILE).

// Elements i and i + 1 of a query at position p, turned; zero beyond the sequence.
template <int D>
__device__ inline unsigned query_pair(
    const bf16* x, const float* rope, int p, int per, int i) {
  if (p >= per) {
    return 0;
  }
  if (rope == nullptr) {
    return (unsigned)x[i].bits | ((unsigned)x[i + 1].bits << 16);
  }
  const int half = D / 2;
  const bf16* other = i < half ? x + i + half : x + i - half;
  float sign = i < half ? -1.0f : 1.0f;
  const float* cosine = rope + p * D + i;
  const float* sine = rope + (per + p) * D + i;
  return pair_of(
      to_float(x[i]) * cosine[0] + sign * to_float(other[0]) * sine[0],
      to_float(x[i + 1]) * cosine[1] + sign * to_float(other[1]) * sine[1]);
}

// What a block shares: two arrays as they are, the first also turned over.
template <int D, int TILE>
struct alignas(16) Tiles {
  static const int pitch = D + 8;
  static const int turned_pitch = TILE + 8;
  bf16 x[TILE * pitch];
  bf16 z[TILE * pitch];
  bf16 xt[D * turned_pitch];
};

// Rows from..from + TILE of an array to shared memory, turned by their angles where rope is not null;
// rows beyond the sequence are zero. wide: elements from one row to the next.
template <int D, int TILE>
__device__ inline void load_tile(
    const bf16* array, long long wide, const float* rope, int from, int per, bf16* rows, bf16* columns) {
  const int half = D / 2;
  for (int e = threadIdx.x; e < TILE * (D / 4); e += blockDim.x) {
    int row = e / (D / 4);
    int i = e % (D / 4) * 2;
    int p = from + row;
    Pack<bf16, 2> a = {}, b = {};
    if (p < per) {
      const bf16* x = array + p * wide;
      a = load<bf16, 2>(x + i);
      b = load<bf16, 2>(x + i + half);
      if (rope != nullptr) {
        const float* cosine = rope + p * D + i;
        const float* sine = rope + (per + p) * D + i;
        for (int j = 0; j < 2; j++) {
          float low = to_float(a.v[j]);
          float high = to_float(b.v[j]);
          put(a.v[j], low * cosine[j] - high * sine[j]);
          put(b.v[j], high * cosine[half + j] + low * sine[half + j]);
        }
      }
    }
    store<bf16, 2>(rows + row * (D + 8) + i, a);
    store<bf16, 2>(rows + row * (D + 8) + i + half, b);
    if (columns != nullptr) {
      for (int j = 0; j < 2; j++) {
        columns[(i + j) * (TILE + 8) + row] = a.v[j];
        columns[(i + half + j) * (TILE + 8) + row] = b.v[j];
      }
    }
  }
}

// The A fragments of 16 rows of an array.
template <int D>
__device__ inline void load_rows(
    const bf16* array, long long wide, const float* rope, int first, int per, unsigned (*to)[4]) {
  int g = lane_of() / 4;
  int t = lane_of() % 4;
#pragma unroll
  for (int c = 0; c < D / 16; c++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      int row = first + g + (j % 2) * 8;
      const bf16* x = array + (row < per ? row : 0) * wide;
      to[c][j] = query_pair<D>(x, rope, row, per, c * 16 + 2 * t + (j / 2) * 8);
    }
  }
}

// c (16, TILE) = a (16, D) times the rows of a tile.
template <int D, int TILE>
__device__ inline void by_rows(float (*c)[4], const unsigned (*a)[4], const bf16* rows) {
  int g = lane_of() / 4;
  int t = lane_of() % 4;
#pragma unroll
  for (int n = 0; n < TILE / 8; n++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      c[n][j] = 0.0f;
    }
    const bf16* row = rows + (n * 8 + g) * (D + 8) + 2 * t;
#pragma unroll
    for (int k = 0; k < D / 16; k++) {
      mma(c[n], a[k], *reinterpret_cast<const unsigned*>(row + k * 16),
          *reinterpret_cast<const unsigned*>(row + k * 16 + 8));
    }
  }
}

// c (16, D) += a (16, TILE) times a tile, given turned over; a is the result of by_rows.
template <int D, int TILE>
__device__ inline void by_columns(float (*c)[4], const float (*a)[4], const bf16* columns) {
  int g = lane_of() / 4;
  int t = lane_of() % 4;
#pragma unroll
  for (int n = 0; n < TILE / 16; n++) {
    unsigned p[4] = {
        pair_of(a[2 * n][0], a[2 * n][1]), pair_of(a[2 * n][2], a[2 * n][3]),
        pair_of(a[2 * n + 1][0], a[2 * n + 1][1]), pair_of(a[2 * n + 1][2], a[2 * n + 1][3])};
#pragma unroll
    for (int d = 0; d < D / 8; d++) {
      const bf16* column = columns + (d * 8 + g) * (TILE + 8) + n * 16 + 2 * t;
      mma(c[d], p, *reinterpret_cast<const unsigned*>(column),
          *reinterpret_cast<const unsigned*>(column + 8));
    }
  }
}

// Writes 16 rows of a gradient, turned back where rope is not null.
template <int D>
__device__ inline void store_rows(
    bf16* array, long long wide, const float* rope, int first, int per, float (*c)[4]) {
  int g = lane_of() / 4;
  int t = lane_of() % 4;
#pragma unroll
  for (int h = 0; h < 2; h++) {
    int row = first + g + 8 * h;
    if (row < per) {
#pragma unroll
      for (int d = 0; d < D / 16; d++) {  // columns i, i + 1 and their partners, D / 2 away
        int i = d * 8 + 2 * t;
        float low[2], high[2];
#pragma unroll
        for (int j = 0; j < 2; j++) {
          low[j] = c[d][2 * h + j];
          high[j] = c[d + D / 16][2 * h + j];
          if (rope != nullptr) {
            const float* cosine = rope + row * D + i + j;
            const float* sine = rope + (per + row) * D + i + j;
            float turned = low[j] * cosine[0] + high[j] * sine[0];
            high[j] = high[j] * cosine[D / 2] - low[j] * sine[D / 2];
            low[j] = turned;
          }
        }
        bf16* to = array + row * wide + i;
        *reinterpret_cast<unsigned*>(to) = pair_of(low[0], low[1]);
        *reinterpret_cast<unsigned*>(to + D / 2) = pair_of(high[0], high[1]);
      }
    }
  }
}

template <int D, int TILE>
__device__ void backward_queries(
    const bf16* qkv, const float* rope, const bf16* dy, bf16* dqkv, float* stats, int per,
    int heads) {
  __shared__ Tiles<D, TILE> tiles;  // x: keys, z: values
  long long width = (long long)heads * D;
  long long at = (long long)blockIdx.z * per * 3 * width + (long long)blockIdx.y * D;
  const bf16* base = qkv + at;
  const bf16* gradient = dy + (long long)blockIdx.z * per * width + (long long)blockIdx.y * D;
  int first = (blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32) * 16;
  int t = lane_of() % 4;
  const float scale = 1.0f / sqrtf((float)D);

  unsigned q[D / 16][4], grad[D / 16][4];
  load_rows<D>(base, 3 * width, rope, first, per, q);
  load_rows<D>(gradient, width, nullptr, first, per, grad);
  float max[2] = {-INFINITE, -INFINITE};
  float total[2] = {0.0f, 0.0f};
  float dot[2] = {0.0f, 0.0f};
  float out[D / 8][4];
#pragma unroll
  for (int c = 0; c < D / 8; c++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      out[c][j] = 0.0f;
    }
  }
  // Twice over the keys: for the softmax's sum and dot, then for the gradient.
  for (int pass = 0; pass < 2; pass++) {
    for (int from = 0; from < per; from += TILE) {
      __syncthreads();
      load_tile<D, TILE>(base + width, 3 * width, rope, from, per, tiles.x, tiles.xt);
      load_tile<D, TILE>(base + 2 * width, 3 * width, nullptr, from, per, tiles.z, nullptr);
      __syncthreads();
      float s[TILE / 8][4], dp[TILE / 8][4];
      by_rows<D, TILE>(s, q, tiles.x);
      by_rows<D, TILE>(dp, grad, tiles.z);
#pragma unroll
      for (int h = 0; h < 2; h++) {
        float higher = max[h];
#pragma unroll
        for (int n = 0; n < TILE / 8; n++) {
#pragma unroll
          for (int j = 2 * h; j < 2 * h + 2; j++) {
            bool there = from + n * 8 + 2 * t + j % 2 < per;
            s[n][j] = there ? s[n][j] * scale : -INFINITE;
            higher = fmaxf(higher, s[n][j]);
          }
        }
        if (pass == 0) {
          higher = fmaxf(higher, __shfl_xor_sync(0xffffffffu, higher, 1));
          higher = fmaxf(higher, __shfl_xor_sync(0xffffffffu, higher, 2));
          float keep = expf(max[h] - higher);
          max[h] = higher;
          total[h] *= keep;
          dot[h] *= keep;
#pragma unroll
          for (int n = 0; n < TILE / 8; n++) {
#pragma unroll
            for (int j = 2 * h; j < 2 * h + 2; j++) {
              float p = expf(s[n][j] - higher);
              total[h] += p;
              dot[h] += p * dp[n][j];
            }
          }
        } else {
#pragma unroll
          for (int n = 0; n < TILE / 8; n++) {
#pragma unroll
            for (int j = 2 * h; j < 2 * h + 2; j++) {
              s[n][j] = expf(s[n][j] - max[h]) / total[h] * (dp[n][j] - dot[h]) * scale;
            }
          }
        }
      }
      if (pass == 1) {
        by_columns<D, TILE>(out, s, tiles.xt);
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
        int row = first + lane_of() / 4 + 8 * h;
        if (row < per && t == 0) {
          long long to = ((long long)blockIdx.z * heads + blockIdx.y) * per + row;
          stats[to] = max[h] + logf(total[h]);
          stats[(long long)gridDim.z * heads * per + to] = dot[h];
        }
      }
    }
  }
  store_rows<D>(dqkv + at, 3 * width, rope, first, per, out);
}

template <int D, int TILE>
__device__ void backward_keys(
    const bf16* qkv, const float* rope, const bf16* dy, bf16* dqkv, const float* stats, int per,
    int heads) {
  __shared__ Tiles<D, TILE> tiles;  // x: queries, z: gradients
  alignas(16) __shared__ bf16 columns[D * (TILE + 8)];  // the gradients turned over
  long long width = (long long)heads * D;
  long long at = (long long)blockIdx.z * per * 3 * width + (long long)blockIdx.y * D;
  const bf16* base = qkv + at;
  const bf16* gradient = dy + (long long)blockIdx.z * per * width + (long long)blockIdx.y * D;
  int first = (blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32) * 16;
  int t = lane_of() % 4;
  const float scale = 1.0f / sqrtf((float)D);
  const float* sums = stats + ((long long)blockIdx.z * heads + blockIdx.y) * per;
  const float* dots = sums + (long long)gridDim.z * heads * per;

  unsigned k[D / 16][4], v[D / 16][4];
  load_rows<D>(base + width, 3 * width, rope, first, per, k);
  load_rows<D>(base + 2 * width, 3 * width, nullptr, first, per, v);
  float dk[D / 8][4], dv[D / 8][4];
#pragma unroll
  for (int c = 0; c < D / 8; c++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      dk[c][j] = 0.0f;
      dv[c][j] = 0.0f;
    }
  }
  for (int from = 0; from < per; from += TILE) {
    __syncthreads();
    load_tile<D, TILE>(base, 3 * width, rope, from, per, tiles.x, tiles.xt);
    load_tile<D, TILE>(gradient, width, nullptr, from, per, tiles.z, columns);
    __syncthreads();
    float s[TILE / 8][4], dp[TILE / 8][4];  // (16 keys, TILE queries)
    by_rows<D, TILE>(s, k, tiles.x);
    by_rows<D, TILE>(dp, v, tiles.z);
#pragma unroll
    for (int n = 0; n < TILE / 8; n++) {
#pragma unroll
      for (int j = 0; j < 4; j++) {
        int query = from + n * 8 + 2 * t + j % 2;
        bool there = query < per;
        float p = there ? expf(s[n][j] * scale - sums[query]) : 0.0f;
        s[n][j] = p;
        dp[n][j] = there ? p * (dp[n][j] - dots[query]) * scale : 0.0f;
      }
    }
    by_columns<D, TILE>(dv, s, columns);
    by_columns<D, TILE>(dk, dp, tiles.xt);
  }
  store_rows<D>(dqkv + at + width, 3 * width, rope, first, per, dk);
  store_rows<D>(dqkv + at + 2 * width, 3 * width, nullptr, first, per, dv);
}

#define ATTENTION_MMA_BACKWARD(D, TILE)                                                   \
  extern "C" __global__ void __launch_bounds__(256) attention_mma_backward_queries_##D(   \
      const bf16* qkv, const float* rope, const bf16* dy, bf16* dqkv, float* stats,       \
      int per, int heads) {                                                               \
    backward_queries<D, TILE>(qkv, rope, dy, dqkv, stats, per, heads);                    \
  }                                                                                       \
  extern "C" __global__ void __launch_bounds__(256) attention_mma_backward_keys_##D(      \
      const bf16* qkv, const float* rope, const bf16* dy, bf16* dqkv, const float* stats, \
      int per, int heads) {                                                               \
    backward_keys<D, TILE>(qkv, rope, dy, dqkv, stats, per, heads);                       \
  }
ATTENTION_MMA_BACKWARD(16, 64)
ATTENTION_MMA_BACKWARD(32, 64)
ATTENTION_MMA_BACKWARD(64, 64)
ATTENTION_MMA_BACKWARD(128, 32)
