// The softmax of attention over scores that arrive some keys at a time (FlashAttention-2, arXiv
// 2307.08691). A warp holds 16 TILES queries, their scores and outputs as fragments of mma.cuh.

// What a warp's queries have come to: outputs not yet divided, and of rows g and g + 8 of each 16 the
// largest score and this lane's share of the sum.
template <int D, int TILES>
struct Mixed {
  float out[TILES][D / 8][4];
  float max[TILES][2];
  float total[TILES][2];
};

template <int D, int TILES>
__device__ inline void begin(Mixed<D, TILES>& mixed) {
#pragma unroll
  for (int tile = 0; tile < TILES; tile++) {
    clear<D>(mixed.out[tile]);
#pragma unroll
    for (int h = 0; h < 2; h++) {
      mixed.max[tile][h] = -INFINITE;
      mixed.total[tile][h] = 0.0f;
    }
  }
}

// Turns scores into weights, relative to the largest so far; what was mixed before follows.
template <int D, int KEYS, int TILES>
__device__ inline void weigh(float (*s)[KEYS / 8][4], Mixed<D, TILES>& mixed, int there) {
  const float scale = LOG2_E / sqrtf((float)D);  // log2(e) / sqrt(d)
  int t = lane_of() % 4;
#pragma unroll
  for (int tile = 0; tile < TILES; tile++) {
#pragma unroll
    for (int n = 0; n < KEYS / 8; n++) {
      if (n * 8 + 8 > there) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          s[tile][n][j] = n * 8 + 2 * t + j % 2 < there ? s[tile][n][j] : -INFINITE;
        }
      }
    }
#pragma unroll
    for (int h = 0; h < 2; h++) {
      float higher = mixed.max[tile][h];
#pragma unroll
      for (int n = 0; n < KEYS / 8; n++) {
        higher = fmaxf(higher, fmaxf(s[tile][n][2 * h], s[tile][n][2 * h + 1]));
      }
      higher = fmaxf(higher, __shfl_xor_sync(0xffffffffu, higher, 1));
      higher = fmaxf(higher, __shfl_xor_sync(0xffffffffu, higher, 2));
      float keep = exp2_fast((mixed.max[tile][h] - higher) * scale);
      float least = -higher * scale;
      mixed.max[tile][h] = higher;
      float even = 0.0f;
      float odd = 0.0f;
#pragma unroll
      for (int n = 0; n < KEYS / 8; n++) {
        s[tile][n][2 * h] = exp2_fast(s[tile][n][2 * h] * scale + least);
        s[tile][n][2 * h + 1] = exp2_fast(s[tile][n][2 * h + 1] * scale + least);
        even += s[tile][n][2 * h];
        odd += s[tile][n][2 * h + 1];
      }
      mixed.total[tile][h] = mixed.total[tile][h] * keep + (even + odd);
#pragma unroll
      for (int c = 0; c < D / 8; c++) {
        mixed.out[tile][c][2 * h] *= keep;
        mixed.out[tile][c][2 * h + 1] *= keep;
      }
    }
  }
}

// Writes a warp's outputs to rows from.. of y, by way of its own rows own.. of a tile.
template <int D, int TILES, bool SWIZZLED = false>
__device__ inline void finish(
    Mixed<D, TILES>& mixed, bf16* rows, int own, bf16* y, int wide, int from, int per) {
  __syncwarp();  // its other lanes have read queries there
  int g = lane_of() / 4;
  int t = lane_of() % 4;
#pragma unroll
  for (int tile = 0; tile < TILES; tile++) {
#pragma unroll
    for (int h = 0; h < 2; h++) {
      float total = mixed.total[tile][h];
      total += __shfl_xor_sync(0xffffffffu, total, 1);
      total += __shfl_xor_sync(0xffffffffu, total, 2);
      float inverse = 1.0f / total;
      int row = own + tile * 16 + g + 8 * h;
#pragma unroll
      for (int c = 0; c < D / 8; c++) {
        *reinterpret_cast<unsigned*>(rows + place<D, SWIZZLED>(row, c * 8) + 2 * t) = pair_of(
            mixed.out[tile][c][2 * h] * inverse, mixed.out[tile][c][2 * h + 1] * inverse);
      }
    }
  }
  write_rows<D, SWIZZLED>(y, wide, rows, own, 16 * TILES, from, per);
}
