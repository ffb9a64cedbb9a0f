// Attention on tensor cores for bfloat16 and heads of 16, 32, 64 or 128 elements; arguments as in
// attention.cu (FlashAttention-2, arXiv 2307.08691). A warp holds 16 TILES queries and their outputs in
// registers; keys and values lie in shared memory. Fragments are explained in mma.cuh.

// Adds weights times values.
template <int D, int KEYS, int TILES>
__device__ inline void mix(
    Mixed<D, TILES>& mixed, const float (*s)[KEYS / 8][4], const bf16* values, int there) {
#pragma unroll
  for (int n = 0; n < KEYS / 16; n++) {
    if (n * 16 < there) {
      unsigned p[TILES][4];
#pragma unroll
      for (int tile = 0; tile < TILES; tile++) {
        fragment_of_sums(p[tile], s[tile], n);
      }
#pragma unroll
      for (int c = 0; c < D / 16; c++) {
        unsigned b[4];
        fragments_b_turned<D>(b, values, n * 16, c * 16);
#pragma unroll
        for (int tile = 0; tile < TILES; tile++) {
          mma(mixed.out[tile][2 * c], p[tile], b[0], b[1]);
          mma(mixed.out[tile][2 * c + 1], p[tile], b[2], b[3]);
        }
      }
    }
  }
}

// At most ROWS positions, KEYS of them at a time. Block: a warp for each 16 of them; grid: 1, heads, samples.
template <int D, int ROWS, int KEYS>
__device__ void attention_short(
    const bf16* qkv, const float* rope, bf16* y, int per, int heads) {
  alignas(16) __shared__ bf16 queries[ROWS * (D + 8)];
  alignas(16) __shared__ bf16 keys[ROWS * (D + 8)];
  alignas(16) __shared__ bf16 values[ROWS * (D + 8)];
  follow();
  int wide = heads * D;
  int rows = (int)blockDim.x / 2;  // per, and what is missing to 16
  const bf16* base =
      qkv + (long long)blockIdx.z * per * 3 * wide + (long long)blockIdx.y * D;
  bring_rows<D>(values, base + 2 * wide, 3 * wide, 0, rows, per);
  copies_begun();
  bring_queries_and_keys<D>(queries, keys, base, wide, rope, rows, per);
  copies_arrived<0>();
  __syncthreads();
  int first = (int)threadIdx.x / 32 * 16;
  unsigned q[1][D / 16][4];
#pragma unroll
  for (int c = 0; c < D / 16; c++) {
    fragment_a<D>(q[0][c], queries, first, c * 16);
  }
  Mixed<D, 1> mixed;
  begin(mixed);
#pragma unroll 1
  for (int from = 0; from < per; from += KEYS) {
    float s[1][KEYS / 8][4];
    scores<D, KEYS, 1>(s, q, keys + from * (D + 8), per - from);
    weigh<D, KEYS, 1>(s, mixed, per - from);
    mix<D, KEYS, 1>(mixed, s, values + from * (D + 8), per - from);
  }
  bf16* to = y + (long long)blockIdx.z * per * wide + (long long)blockIdx.y * D;
  finish(mixed, queries, first, to, wide, first, per);
}

// Any number of positions, KEYS of them at a time; `keys` (rows, heads, D) holds the keys turned, or is
// null where nothing is turned. Block: 4 warps of 16 TILES queries; grid: blocks, heads, samples.
template <int D, int KEYS, int TILES>
__device__ void attention_long(
    const bf16* qkv, const bf16* keys, const float* rope, bf16* y, int per, int heads) {
  const int rows = 64 * TILES;
  alignas(16) __shared__ bf16 queries[rows * (D + 8)];
  alignas(16) __shared__ bf16 some_keys[KEYS * (D + 8)];
  alignas(16) __shared__ bf16 some_values[KEYS * (D + 8)];
  int wide = heads * D;
  long long sample = (long long)blockIdx.z * per;
  const bf16* base = qkv + sample * 3 * wide + (long long)blockIdx.y * D;
  const bf16* key_base = keys == nullptr ? base + wide : keys + sample * wide + (long long)blockIdx.y * D;
  int key_wide = keys == nullptr ? 3 * wide : wide;
  int from_row = blockIdx.x * rows;
  int own = (int)threadIdx.x / 32 * 16 * TILES;
  bool idle = from_row + own >= per;  // this warp only helps to bring keys and values

  bring_rows<D>(some_keys, key_base, key_wide, 0, KEYS, per);
  bring_turned<D>(queries, base, 3 * wide, rope, from_row, rows, per);
  copies_begun();
  copies_arrived<0>();
  __syncthreads();
  unsigned q[TILES][D / 16][4];
#pragma unroll
  for (int tile = 0; tile < TILES; tile++) {
#pragma unroll
    for (int c = 0; c < D / 16; c++) {
      fragment_a<D>(q[tile][c], queries, own + tile * 16, c * 16);
    }
  }
  Mixed<D, TILES> mixed;
  begin(mixed);
  for (int from = 0; from < per; from += KEYS) {
    int there = per - from < KEYS ? per - from : KEYS;
    bring_rows<D>(some_values, base + 2 * wide, 3 * wide, from, KEYS, per);
    copies_begun();
    float s[TILES][KEYS / 8][4];
    if (!idle) {
      scores<D, KEYS, TILES>(s, q, some_keys, there);
    }
    copies_arrived<0>();
    __syncthreads();  // values are there, keys have been read
    if (from + KEYS < per) {
      bring_rows<D>(some_keys, key_base, key_wide, from + KEYS, KEYS, per);
      copies_begun();
    }
    if (!idle) {
      weigh<D, KEYS, TILES>(s, mixed, there);
      mix<D, KEYS, TILES>(mixed, s, some_values, there);
    }
    copies_arrived<0>();
    __syncthreads();  // the next keys are there, values have been read
  }
  if (!idle) {
    bf16* to = y + sample * wide + (long long)blockIdx.y * D;
    finish(mixed, queries, own, to, wide, from_row + own, per);
  }
}

// The keys of all heads turned, (rows, heads, D). One thread for each 16 elements.
template <int D>
__device__ void turn_keys(
    const bf16* qkv, const float* rope, bf16* keys, long long rows, int per, int heads) {
  follow();
  long long e = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  int parts = heads * (D / 16);
  long long row = e / parts;
  if (row >= rows) {
    return;
  }
  int part = (int)(e % parts);
  int i = part % (D / 16) * 8;
  int at = part / (D / 16) * D + i;
  const bf16* x = qkv + (row * 3 + 1) * heads * D + at;
  Eight low = load_eight(x);
  Eight high = load_eight(x + D / 2);
  turn<D>(low, high, rope, (int)(row % per), i, per);
  bf16* to = keys + row * heads * D + at;
  store_eight(to, low);
  store_eight(to + D / 2, high);
}

#define ATTENTION_SHORT(D)                                                           \
  extern "C" __global__ void __launch_bounds__(192, 4) attention_short_##D(          \
      const bf16* qkv, const float* rope, bf16* y, int per, int heads) {             \
    attention_short<D, 96, 32>(qkv, rope, y, per, heads);                            \
  }
ATTENTION_SHORT(16)
ATTENTION_SHORT(32)
ATTENTION_SHORT(64)

#define ATTENTION_LONG(D, KEYS, TILES)                                               \
  extern "C" __global__ void __launch_bounds__(128, 2) attention_long_##D(           \
      const bf16* qkv, const bf16* keys, const float* rope, bf16* y, int per,        \
      int heads) {                                                                   \
    attention_long<D, KEYS, TILES>(qkv, keys, rope, y, per, heads);                  \
  }                                                                                  \
  extern "C" __global__ void turn_keys_##D(                                          \
      const bf16* qkv, const float* rope, bf16* keys, long long rows, int per,       \
      int heads) {                                                                   \
    turn_keys<D>(qkv, rope, keys, rows, per, heads);                                 \
  }
ATTENTION_LONG(16, 64, 2)
ATTENTION_LONG(32, 64, 2)
ATTENTION_LONG(64, 64, 2)
ATTENTION_LONG(128, 32, 1)
