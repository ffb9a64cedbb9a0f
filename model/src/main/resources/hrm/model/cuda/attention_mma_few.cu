// Attention over few positions by many warps: attention_short of attention_mma.cu, the same numbers, for
// so few samples that its blocks would leave most multiprocessors idle. Of 16 queries each of 4 warps has
// the scores of one lot of keys, then a quarter of the values' columns. The table's angles are read while
// the kernels before this one still work. Block: 4 warps for each 16 of QUERIES; grid: blocks of QUERIES,
// heads, samples.

#define FEW_KEYS 32  // of a lot, as attention_short takes them
#define FEW_LOTS 3

template <int D, int QUERIES>
struct FewQueries {
  static const int rows = QUERIES + FEW_KEYS * FEW_LOTS;
  bf16 queries_and_keys[rows * (D + 8)];
  bf16 values[FEW_KEYS * FEW_LOTS * (D + 8)];
  Eight weights[QUERIES / 16][FEW_LOTS][FEW_KEYS / 16][32];  // a fragment a lane
  float largest[QUERIES / 16][FEW_LOTS][16];                 // score of each query
  float sums[QUERIES / 16][FEW_LOTS][2][32];                 // of weights, of rows g and g + 8, a lane's
};

// Queries from `first` on and all keys, turned where rope is not null.
template <int D, int QUERIES>
__device__ inline void bring_few(
    FewQueries<D, QUERIES>& shared, const bf16* base, int wide, const float* rope, int first,
    int per) {
  const int THREADS = QUERIES * 8;
  const int ROWS = FewQueries<D, QUERIES>::rows;
  const int EACH = (ROWS * (D / 16) + THREADS - 1) / THREADS;
  Angles angles[EACH];
  int position[EACH];  // -1 beyond the sequence
#pragma unroll
  for (int j = 0; j < EACH; j++) {
    int row = ((int)threadIdx.x + j * THREADS) / (D / 16);
    int p = row < QUERIES ? first + row : row - QUERIES;
    position[j] = row < ROWS && p < per ? p : -1;
    if (rope != nullptr) {
      angles[j] = angles_of<D>(
          rope, position[j] < 0 ? 0 : p, (int)threadIdx.x % (D / 16) * 8, per);
    }
  }
  follow();
  bring_rows<D>(shared.values, base + 2 * wide, 3 * wide, 0, (per + 15) / 16 * 16, per);
  copies_begun();
  int i = (int)threadIdx.x % (D / 16) * 8;
  Eight low[EACH], high[EACH];
#pragma unroll
  for (int j = 0; j < EACH; j++) {
    bool key = (int)threadIdx.x + j * THREADS >= QUERIES * (D / 16);
    long long row = position[j] < 0 ? 0 : position[j];
    const bf16* x = base + row * 3 * wide + (key ? wide : 0) + i;
    low[j] = load_eight(x);
    high[j] = load_eight(x + D / 2);
  }
#pragma unroll
  for (int j = 0; j < EACH; j++) {
    int row = ((int)threadIdx.x + j * THREADS) / (D / 16);
    if (position[j] < 0) {
      low[j] = {};
      high[j] = {};
    } else if (rope != nullptr) {
      turn(low[j], high[j], angles[j]);
    }
    if (row < ROWS) {
      store_eight(shared.queries_and_keys + place<D>(row, i), low[j]);
      store_eight(shared.queries_and_keys + place<D>(row, i + D / 2), high[j]);
    }
  }
  copies_arrived<0>();
  __syncthreads();
}

template <int D, int QUERIES>
__device__ inline void attention_few(
    const bf16* qkv, const float* rope, bf16* y, int per, int heads) {
  alignas(16) __shared__ FewQueries<D, QUERIES> shared;
  int wide = heads * D;
  long long sample = (long long)blockIdx.z * per;
  int first = (int)blockIdx.x * QUERIES;
  const bf16* base = qkv + sample * 3 * wide + (long long)blockIdx.y * D;
  bring_few<D, QUERIES>(shared, base, wide, rope, first, per);

  int tile = (int)threadIdx.x / 128;
  int lot = (int)threadIdx.x / 32 % 4;
  int lane = lane_of();
  int g = lane / 4;
  int t = lane % 4;
  int lots = (per + FEW_KEYS - 1) / FEW_KEYS;
  float s[1][FEW_KEYS / 8][4];
  if (lot < lots) {
    unsigned q[1][D / 16][4];
#pragma unroll
    for (int c = 0; c < D / 16; c++) {
      fragment_a<D>(q[0][c], shared.queries_and_keys, tile * 16, c * 16);
    }
    int there = per - lot * FEW_KEYS;
    const bf16* keys = shared.queries_and_keys + (QUERIES + lot * FEW_KEYS) * (D + 8);
    scores<D, FEW_KEYS, 1>(s, q, keys, there);
    mask<FEW_KEYS>(s[0], there);
    float highest[2] = {-INFINITE, -INFINITE};
    largest<FEW_KEYS>(s[0], highest);
    if (t == 0) {
      shared.largest[tile][lot][g] = highest[0];
      shared.largest[tile][lot][g + 8] = highest[1];
    }
  }
  __syncthreads();
  float highest[2][FEW_LOTS];  // of this lot and those before
#pragma unroll
  for (int h = 0; h < 2; h++) {
#pragma unroll
    for (int l = 0; l < FEW_LOTS; l++) {
      float before = l == 0 ? -INFINITE : highest[h][l > 0 ? l - 1 : 0];
      highest[h][l] = l < lots ? fmaxf(before, shared.largest[tile][l][g + 8 * h]) : before;
    }
  }
  if (lot < lots) {
    float own[2];
    float sums[2];
#pragma unroll
    for (int h = 0; h < 2; h++) {
      own[h] = lot == 0 ? highest[h][0] : lot == 1 ? highest[h][1] : highest[h][2];
    }
    weights<D, FEW_KEYS>(s[0], own, sums);
    shared.sums[tile][lot][0][lane] = sums[0];
    shared.sums[tile][lot][1][lane] = sums[1];
#pragma unroll
    for (int n = 0; n < FEW_KEYS / 16; n++) {
      Eight p;
      fragment_of_sums(p.v, s[0], n);
      shared.weights[tile][lot][n][lane] = p;
    }
  }
  __syncthreads();

  const int COLUMNS = D / 4;  // a warp's, from its lot's on
  float out[COLUMNS / 8][4];
  clear<COLUMNS>(out);
  float total[2] = {0.0f, 0.0f};
#pragma unroll
  for (int l = 0; l < FEW_LOTS; l++) {
    if (l < lots) {
#pragma unroll
      for (int h = 0; h < 2; h++) {
        float keep = kept<D>(l == 0 ? -INFINITE : highest[h][l > 0 ? l - 1 : 0], highest[h][l]);
        total[h] = total[h] * keep + shared.sums[tile][l][h][lane];
#pragma unroll
        for (int c = 0; c < COLUMNS / 8; c++) {
          out[c][2 * h] *= keep;
          out[c][2 * h + 1] *= keep;
        }
      }
#pragma unroll
      for (int n = 0; n < FEW_KEYS / 16; n++) {
        int key = l * FEW_KEYS + n * 16;
        if (key < per) {
          Eight p = shared.weights[tile][l][n][lane];
#pragma unroll
          for (int c = 0; c < COLUMNS / 16; c++) {
            unsigned b[4];
            fragments_b_turned<D>(b, shared.values, key, lot * COLUMNS + c * 16);
            mma(out[2 * c], p.v, b[0], b[1]);
            mma(out[2 * c + 1], p.v, b[2], b[3]);
          }
        }
      }
    }
  }
#pragma unroll
  for (int h = 0; h < 2; h++) {
    float sum = total[h];
    sum += __shfl_xor_sync(0xffffffffu, sum, 1);
    sum += __shfl_xor_sync(0xffffffffu, sum, 2);
    float inverse = 1.0f / sum;
    int row = first + tile * 16 + g + 8 * h;
    if (row < per) {
      bf16* to = y + (sample + row) * wide + (long long)blockIdx.y * D + lot * COLUMNS + 2 * t;
#pragma unroll
      for (int c = 0; c < COLUMNS / 8; c++) {
        *reinterpret_cast<unsigned*>(to + c * 8) =
            pair_of(out[c][2 * h] * inverse, out[c][2 * h + 1] * inverse);
      }
    }
  }
}

#define ATTENTION_FEW(QUERIES)                                                             \
  extern "C" __global__ void __launch_bounds__(8 * QUERIES, 1) attention_few_##QUERIES(    \
      const bf16* qkv, const float* rope, bf16* y, int per, int heads) {                   \
    attention_few<64, QUERIES>(qkv, rope, y, per, heads);                                  \
  }
ATTENTION_FEW(16)
ATTENTION_FEW(32)
