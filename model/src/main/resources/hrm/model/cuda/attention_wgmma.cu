// Attention by warpgroups (wgmma.cuh) for bfloat16, heads of 64 elements and any number of positions;
// arguments as in attention.cu, and `keys` (rows, heads, 64) holds the keys turned, or is null where
// nothing is turned. A warpgroup has 64 queries; keys and values come 96 at a time, a lot, of which two
// are on their way while one is used. Block: GROUPS warpgroups; grid: blocks of their queries, heads,
// samples. Shared: 3 lots and the queries. Empty but for compute capability 9.0a.

#ifdef WGMMA
#define LOT_KEYS 96

// Keys and values of one lot, (96, 64) each.
template <int GROUPS>
struct Lots {
  static const int half = LOT_KEYS * 64;
  bf16* tiles;       // (3, 2, 96, 64)
  const bf16* keys;  // of this thread's first row and part of a row
  const bf16* values;
  int key_wide;
  int value_wide;
  int per;

  __device__ inline bf16* keys_of(int lot) const { return tiles + lot % 3 * 2 * half; }

  __device__ inline bf16* values_of(int lot) const { return keys_of(lot) + half; }

  // A group of copies, empty beyond the sequence.
  __device__ inline void bring(int lot) const {
    int row = (int)threadIdx.x / 8;
    bf16* to = keys_of(lot) + place<64, true>(row, (int)threadIdx.x % 8 * 8);
    int from = lot * LOT_KEYS;
    if (from < per) {
#pragma unroll
      for (int i = 0; i < LOT_KEYS; i += 16 * GROUPS) {
        bool there = from + row + i < per;
        int at = there ? from + i : 0;
        copy_async(to + i * 64, keys + (long long)at * key_wide, there);
        copy_async(to + half + i * 64, values + (long long)at * value_wide, there);
      }
    }
    copies_begun();
  }
};

// One lot, of which the first `there` keys are in the sequence.
__device__ inline void attend(
    Mixed<64, 1>& mixed, const bf16* queries, const bf16* keys, const bf16* values, int there) {
  float s[1][LOT_KEYS / 8][4];
  products_begin();
#pragma unroll
  for (int k = 0; k < 64; k += 16) {
    by_tiles<LOT_KEYS>(s[0], queries, keys, k, k > 0);
  }
  products_end();
  products_wait<LOT_KEYS>(s[0]);
  weigh<64, LOT_KEYS, 1>(s, mixed, there);
  unsigned p[LOT_KEYS / 16][4];
#pragma unroll
  for (int n = 0; n < LOT_KEYS / 16; n++) {
    fragment_of_sums(p[n], s[0], n);
  }
  products_begin();
#pragma unroll
  for (int n = 0; n < LOT_KEYS / 16; n++) {
    by_columns(mixed.out[0], p[n], values, n * 16);
  }
  products_end();
  products_wait<64>(mixed.out[0]);
}

template <int GROUPS>
__device__ inline void attention_groups(
    const bf16* qkv, const bf16* keys, const float* rope, bf16* y, int per, int heads) {
  const int rows = 64 * GROUPS;
  Lots<GROUPS> lots;
  lots.tiles = reinterpret_cast<bf16*>(shared_memory);
  bf16* queries = lots.tiles + 6 * lots.half;  // (rows, 64)
  int wide = heads * 64;
  long long sample = (long long)blockIdx.z * per;
  int head = (int)blockIdx.y * 64;
  const bf16* base = qkv + sample * 3 * wide + head;
  int row = (int)threadIdx.x / 8;
  int part = (int)threadIdx.x % 8 * 8;
  lots.key_wide = keys == nullptr ? 3 * wide : wide;
  lots.value_wide = 3 * wide;
  lots.keys = (keys == nullptr ? base + wide : keys + sample * wide + head) +
              (long long)row * lots.key_wide + part;
  lots.values = base + 2 * wide + (long long)row * lots.value_wide + part;
  lots.per = per;
  int from_row = (int)blockIdx.x * rows;
  int own = (int)threadIdx.x / 32 * 16;
  int group = own / 64 * 64;
  bool idle = from_row + group >= per;  // this warpgroup only helps to bring

  lots.bring(0);
  bring_turned<64, true>(queries, base, 3 * wide, rope, from_row, rows, per);
  lots.bring(1);
  Mixed<64, 1> mixed;
  begin(mixed);
  for (int lot = 0; lot * LOT_KEYS < per; lot++) {
    copies_arrived<1>();
    tiles_written();
    __syncthreads();  // this lot is there, the one before it has been used
    lots.bring(lot + 2);
    if (!idle) {
      attend(
          mixed, queries + group * 64, lots.keys_of(lot), lots.values_of(lot),
          per - lot * LOT_KEYS);
    }
  }
  __syncthreads();  // queries have been read
  if (!idle) {
    bf16* to = y + sample * wide + head;
    finish<64, 1, true>(mixed, queries, own, to, wide, from_row + own, per);
  }
}

#define ATTENTION_GROUPS(GROUPS)                                                               \
  extern "C" __global__ void __launch_bounds__(128 * GROUPS, 2) attention_wgmma_##GROUPS(      \
      const bf16* qkv, const bf16* keys, const float* rope, bf16* y, int per, int heads) {     \
    attention_groups<GROUPS>(qkv, keys, rope, y, per, heads);                                  \
  }
ATTENTION_GROUPS(1)
ATTENTION_GROUPS(2)
#endif
