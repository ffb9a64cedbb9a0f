// A product and its SwiGLU in one by warpgroups (wgmma.cuh): y (rows, inter) = silu(x gate^T) (x up^T),
// x (rows, width), weights (2 inter, width), the gate's in front; width is a multiple of 64, inter of half
// of COLUMNS. A warpgroup has 64 rows, and half of COLUMNS of each. Tiles of 64 columns of x and weights
// come by copies, the next steps' on their way while one's are used; the first weights come while the
// kernels before this one still work. Block: 2 warpgroups; grid: blocks of columns, of 128 rows. Shared:
// STAGES steps' tiles. Empty but for compute capability 9.0a.

#ifdef WGMMA
#define GATED_ROWS 128

// Copies of the tiles of one step to shared memory, 32 rows at once.
template <int STAGES, int COLUMNS>
struct GatedTiles {
  static const int size = (GATED_ROWS + COLUMNS) * 64;
  const bf16* x;  // of this thread's part of a row
  const bf16* weights;
  bf16* to;
  int row;  // this thread's first
  int rows;
  int width;
  int column;
  int inter;

  __device__ inline void bring_rows(int step) const {
    bf16* at = to + step % STAGES * size;
#pragma unroll
    for (int i = 0; i < GATED_ROWS; i += 32) {
      bool there = row + i < rows;
      copy_async(at + i * 64, x + (long long)(there ? row + i : 0) * width + step * 64, there);
    }
  }

  __device__ inline void bring_weights(int step) const {
    bf16* at = to + step % STAGES * size;
    int own = (int)threadIdx.x / 8;
#pragma unroll
    for (int i = 0; i < COLUMNS; i += 32) {
      int w = column + own + i + (own + i < COLUMNS / 2 ? 0 : inter - COLUMNS / 2);
      copy_async(at + (GATED_ROWS + i) * 64, weights + (long long)w * width + step * 64, true);
    }
  }
};

template <int STAGES, int COLUMNS>
__device__ inline void gated_product(
    const bf16* x, const bf16* weights, bf16* y, int rows, int width, int inter) {
  const int half = COLUMNS / 2;
  bf16* tiles = reinterpret_cast<bf16*>(shared_memory);
  int part = (int)threadIdx.x % 8 * 8;
  int first = (int)blockIdx.y * GATED_ROWS;
  int column = (int)blockIdx.x * half;
  int own = (int)threadIdx.x / 8;
  GatedTiles<STAGES, COLUMNS> source = {
      x + part, weights + part, tiles + place<64, true>(own, part), first + own, rows, width,
      column, inter};
  float c[COLUMNS / 8][4];
  int group = of_warp((int)threadIdx.x / 128) * 64;
  int steps = width / 64;
  for (int step = 0; step < STAGES - 1 && step < steps; step++) {
    source.bring_weights(step);
  }
  follow();
  for (int step = 0; step < STAGES - 1; step++) {
    if (step < steps) {
      source.bring_rows(step);
    }
    copies_begun();
  }
  for (int step = 0; step < steps; step++) {
    copies_arrived<STAGES - 2>();
    tiles_written();
    if (step > 0) {
      products_wait<COLUMNS>(c);
    }
    __syncthreads();  // this step's tiles are there, those of the one before have been used
    int next = step + STAGES - 1;
    if (next < steps) {
      source.bring_rows(next);
      source.bring_weights(next);
    }
    copies_begun();
    const bf16* now = tiles + step % STAGES * source.size;
    products_begin();
#pragma unroll
    for (int k = 0; k < 64; k += 16) {
      by_tiles<COLUMNS>(c, now + group * 64, now + GATED_ROWS * 64, k, step + k > 0);
    }
    products_end();
  }
  products_wait<COLUMNS>(c);
  __syncthreads();  // all tiles have been used: the results take their place

  int mine = (int)threadIdx.x / 32 * 16;
  int g = lane_of() / 4;
  int t = lane_of() % 4;
#pragma unroll
  for (int n = 0; n < half / 8; n++) {
#pragma unroll
    for (int h = 0; h < 2; h++) {
      // Rounded, as the product alone leaves them.
      unsigned gate = pair_of(c[n][2 * h], c[n][2 * h + 1]);
      unsigned up = pair_of(c[n + half / 8][2 * h], c[n + half / 8][2 * h + 1]);
      *reinterpret_cast<unsigned*>(tiles + place<half>(mine + g + 8 * h, n * 8) + 2 * t) = pair_of(
          gated(first_of(gate), first_of(up), bf16()), gated(second_of(gate), second_of(up), bf16()));
    }
  }
  write_rows<half>(y + column, inter, tiles, mine, 16, first + mine, rows);
}

#define GATED_PRODUCT(STAGES, COLUMNS)                                                       \
  extern "C" __global__ void __launch_bounds__(256, 2) gated_product_##COLUMNS(              \
      const bf16* x, const bf16* weights, bf16* y, int rows, int width, int inter) {         \
    gated_product<STAGES, COLUMNS>(x, weights, y, rows, width, inter);                       \
  }
GATED_PRODUCT(3, 96)
GATED_PRODUCT(2, 192)
#endif
