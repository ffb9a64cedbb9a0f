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

// s = queries times keys, of which the first `there` are in the sequence.
template <int D, int KEYS, int TILES>
__device__ inline void scores(
    float (*s)[KEYS / 8][4], const unsigned (*q)[D / 16][4], const bf16* keys, int there) {
#pragma unroll
  for (int n = 0; n < KEYS / 16; n++) {
#pragma unroll
    for (int tile = 0; tile < TILES; tile++) {
      clear<16>(s[tile] + 2 * n);
    }
    if (n * 16 < there) {
#pragma unroll
      for (int c = 0; c < D / 16; c++) {
        unsigned b[4];
        fragments_b<D>(b, keys, n * 16, c * 16);
#pragma unroll
        for (int tile = 0; tile < TILES; tile++) {
          mma(s[tile][2 * n], q[tile][c], b[0], b[1]);
          mma(s[tile][2 * n + 1], q[tile][c], b[2], b[3]);
        }
      }
    }
  }
}

// What is beyond the sequence gets no weight.
template <int KEYS>
__device__ inline void mask(float (*s)[4], int there) {
  if (there >= KEYS) {
    return;
  }
  int t = lane_of() % 4;
#pragma unroll
  for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      s[n][j] = n * 8 + 2 * t + j % 2 < there ? s[n][j] : -INFINITE;
    }
  }
}

// The largest scores of rows g and g + 8, or what is larger still.
template <int KEYS>
__device__ inline void largest(const float (*s)[4], float* higher) {
#pragma unroll
  for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
    for (int h = 0; h < 2; h++) {
      higher[h] = fmaxf(higher[h], fmaxf(s[n][2 * h], s[n][2 * h + 1]));
    }
  }
#pragma unroll
  for (int step = 1; step < 4; step *= 2) {
#pragma unroll
    for (int h = 0; h < 2; h++) {
      higher[h] = fmaxf(higher[h], __shfl_xor_sync(0xffffffffu, higher[h], step));
    }
  }
}

// Turns the scores of rows g and g + 8 into weights relative to the highest; sums: this lane's share.
template <int D, int KEYS>
__device__ inline void weights(float (*s)[4], const float* highest, float* sums) {
  const float scale = LOG2_E / sqrtf((float)D);  // log2(e) / sqrt(d)
  float least[2] = {-highest[0] * scale, -highest[1] * scale};
  float all[4] = {};
#pragma unroll
  for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      s[n][j] = exp2_fast(s[n][j] * scale + least[j / 2]);
      all[j] += s[n][j];
    }
  }
  sums[0] = all[0] + all[1];
  sums[1] = all[2] + all[3];
}

// Of what was weighed relative to a lower score.
template <int D>
__device__ inline float kept(float lower, float higher) {
  return exp2_fast((lower - higher) * (LOG2_E / sqrtf((float)D)));
}

// Turns scores into weights, relative to the largest so far; what was mixed before follows.
template <int D, int KEYS, int TILES>
__device__ inline void weigh(float (*s)[KEYS / 8][4], Mixed<D, TILES>& mixed, int there) {
#pragma unroll
  for (int tile = 0; tile < TILES; tile++) {
    mask<KEYS>(s[tile], there);
    float before[2] = {mixed.max[tile][0], mixed.max[tile][1]};
    float sums[2];
    largest<KEYS>(s[tile], mixed.max[tile]);
    weights<D, KEYS>(s[tile], mixed.max[tile], sums);
#pragma unroll
    for (int h = 0; h < 2; h++) {
      float keep = kept<D>(before[h], mixed.max[tile][h]);
      mixed.total[tile][h] = mixed.total[tile][h] * keep + sums[h];
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
