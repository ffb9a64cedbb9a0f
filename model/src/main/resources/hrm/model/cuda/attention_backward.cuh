// What both backward passes of attention on tensor cores do with tiles of mma.cuh, a warp with 16 rows.

template <int COLUMNS>
__device__ inline void clear(float (*c)[4]) {
#pragma unroll
  for (int n = 0; n < COLUMNS / 8; n++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      c[n][j] = 0.0f;
    }
  }
}

// c (16, ROWS) = rows first..first + 16 of one tile times the rows of another, of which `there` are in
// the sequence.
template <int D, int ROWS>
__device__ inline void by_tile(
    float (*c)[4], const bf16* left, int first, const bf16* right, int there) {
  unsigned a[D / 16][4];
  clear<ROWS>(c);
#pragma unroll
  for (int k = 0; k < D / 16; k++) {
    fragment_a<D>(a[k], left, first, k * 16);
  }
#pragma unroll
  for (int n = 0; n < ROWS / 16; n++) {
    if (n * 16 < there) {
#pragma unroll
      for (int k = 0; k < D / 16; k++) {
        unsigned b[4];
        fragments_b<D>(b, right, n * 16, k * 16);
        mma(c[2 * n], a[k], b[0], b[1]);
        mma(c[2 * n + 1], a[k], b[2], b[3]);
      }
    }
  }
}

// c (16, D) += weights (16, ROWS), rounded, times a tile's rows, of which `there` are in the sequence.
template <int D, int ROWS>
__device__ inline void times_tile(
    float (*c)[4], const float (*weights)[4], const bf16* tile, int there) {
#pragma unroll
  for (int n = 0; n < ROWS / 16; n++) {
    if (n * 16 < there) {
      const float* left = weights[2 * n];
      const float* right = weights[2 * n + 1];
      unsigned a[4] = {
          pair_of(left[0], left[1]), pair_of(left[2], left[3]), pair_of(right[0], right[1]),
          pair_of(right[2], right[3])};
#pragma unroll
      for (int d = 0; d < D / 16; d++) {
        unsigned b[4];
        fragments_b_turned<D>(b, tile, n * 16, d * 16);
        mma(c[2 * d], a, b[0], b[1]);
        mma(c[2 * d + 1], a, b[2], b[3]);
      }
    }
  }
}

// Writes 16 rows of a gradient, turned back where rope is not null, by way of a warp's own rows of a tile.
template <int D>
__device__ inline void leave_rows(
    float (*c)[4], bf16* tile_rows, bf16* array, int wide, const float* rope, int first, int per) {
  __syncwarp();  // its other lanes have read those rows
  int g = lane_of() / 4;
  int t = lane_of() % 4;
#pragma unroll
  for (int h = 0; h < 2; h++) {
    int row = first + g + 8 * h;
#pragma unroll
    for (int d = 0; d < D / 16; d++) {  // columns i, i + 1 and their partners, D / 2 away
      int i = d * 8 + 2 * t;
      float* low = &c[d][2 * h];
      float* high = &c[d + D / 16][2 * h];
      if (rope != nullptr && row < per) {
        Pack<float, 2> cosine = load<float, 2>(rope + row * D + i);
        Pack<float, 2> sine = load<float, 2>(rope + (per + row) * D + i);
#pragma unroll
        for (int j = 0; j < 2; j++) {
          float turned = low[j] * cosine.v[j] + high[j] * sine.v[j];
          high[j] = high[j] * cosine.v[j] - low[j] * sine.v[j];
          low[j] = turned;
        }
      }
      bf16* to = tile_rows + (g + 8 * h) * (D + 8) + i;
      *reinterpret_cast<unsigned*>(to) = pair_of(low[0], low[1]);
      *reinterpret_cast<unsigned*>(to + D / 2) = pair_of(high[0], high[1]);
    }
  }
  __syncwarp();
  for (int e = lane_of(); e < 16 * (D / 8); e += 32) {
    int row = e / (D / 8);
    int i = e % (D / 8) * 8;
    if (first + row < per) {
      store<bf16, 8>(
          array + (long long)(first + row) * wide + i,
          load<bf16, 8>(tile_rows + row * (D + 8) + i));
    }
  }
}
