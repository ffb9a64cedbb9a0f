// What both backward passes of attention on tensor cores do with tiles of mma.cuh, a warp with 16 rows,
// own..own + 16 of a tile.

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

// c (16, D) += a (16, 16) times rows row..row + 16 of a tile.
template <int D>
__device__ inline void times_rows(float (*c)[4], const unsigned* a, const bf16* tile, int row) {
#pragma unroll
  for (int d = 0; d < D / 16; d++) {
    unsigned b[4];
    fragments_b_turned<D>(b, tile, row, d * 16);
    mma(c[2 * d], a, b[0], b[1]);
    mma(c[2 * d + 1], a, b[2], b[3]);
  }
}

// c (16, D) += weights (16, ROWS), rounded, times a tile's rows, of which `there` are in the sequence.
template <int D, int ROWS>
__device__ inline void times_tile(
    float (*c)[4], const float (*weights)[4], const bf16* tile, int there) {
#pragma unroll
  for (int n = 0; n < ROWS / 16; n++) {
    if (n * 16 < there) {
      unsigned a[4];
      fragment_of_sums(a, weights, n);
      times_rows<D>(c, a, tile, n * 16);
    }
  }
}

// Writes 16 rows of a gradient, turned back where rope is not null, by way of a warp's own rows of a tile.
template <int D>
__device__ inline void leave_rows(
    float (*c)[4], bf16* tile, int own, bf16* array, int wide, const float* rope, int from, int per) {
  __syncwarp();  // its other lanes have read those rows
  int g = lane_of() / 4;
  int t = lane_of() % 4;
#pragma unroll
  for (int h = 0; h < 2; h++) {
    int row = from + g + 8 * h;
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
      bf16* to = tile + place<D>(own + g + 8 * h, d * 8) + 2 * t;
      *reinterpret_cast<unsigned*>(to) = pair_of(low[0], low[1]);
      *reinterpret_cast<unsigned*>(to + D / 2) = pair_of(high[0], high[1]);
    }
  }
  write_rows<D>(array, wide, tile, own, 16, from, per);
}
