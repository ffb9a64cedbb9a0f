// A product and its SwiGLU in one by warpgroups (wgmma.cuh): y (rows, inter) = silu(x gate^T) (x up^T),
// x (rows, width), weights (2 inter, width), the gate's in front; width is a multiple of 64, inter of 96.
// A warpgroup has 64 rows, and 96 columns of each. Tiles of 64 columns of x and weights come by copies,
// one step's on their way while another's are used. Block: 2 warpgroups; grid: inter / 96, blocks of 128
// rows. Shared: two steps' tiles. Empty but for compute capability 9.0a.

#ifdef WGMMA
#define GATED_ROWS 128
#define GATED_COLUMNS 192  // half of them the gate's

// Copies of the tiles of one step to shared memory, 32 rows at once.
struct GatedTiles {
  static const int size = (GATED_ROWS + GATED_COLUMNS) * 64;
  const bf16* x;  // of this thread's part of a row
  const bf16* weights;
  bf16* to;
  int row;  // this thread's first
  int rows;
  int width;
  int column;
  int inter;

  __device__ inline void bring(int step) const {
    bf16* at = to + step % 2 * size;
#pragma unroll
    for (int i = 0; i < GATED_ROWS; i += 32) {
      bool there = row + i < rows;
      copy_async(at + i * 64, x + (long long)(there ? row + i : 0) * width + step * 64, there);
    }
    int own = (int)threadIdx.x / 8;
#pragma unroll
    for (int i = 0; i < GATED_COLUMNS; i += 32) {
      int w = column + own + i + (i < GATED_COLUMNS / 2 ? 0 : inter - GATED_COLUMNS / 2);
      copy_async(at + (GATED_ROWS + i) * 64, weights + (long long)w * width + step * 64, true);
    }
    copies_begun();
  }
};

extern "C" __global__ void __launch_bounds__(256, 2) gated_product(
    const bf16* x, const bf16* weights, bf16* y, int rows, int width, int inter) {
  const int half = GATED_COLUMNS / 2;
  bf16* tiles = reinterpret_cast<bf16*>(shared_memory);
  int part = (int)threadIdx.x % 8 * 8;
  int first = (int)blockIdx.y * GATED_ROWS;
  int column = (int)blockIdx.x * half;
  int own = (int)threadIdx.x / 8;
  GatedTiles source = {x + part, weights + part, tiles + place<64, true>(own, part),
                       first + own, rows, width, column, inter};
  float c[GATED_COLUMNS / 8][4];
  int group = (int)threadIdx.x / 128 * 64;
  int steps = width / 64;
  source.bring(0);
  for (int step = 0; step < steps; step++) {
    copies_arrived<0>();
    tiles_written();
    if (step > 0) {
      products_wait<GATED_COLUMNS>(c);
    }
    __syncthreads();  // this step's tiles are there, those of the one before have been used
    if (step + 1 < steps) {
      source.bring(step + 1);
    }
    const bf16* now = tiles + step % 2 * GatedTiles::size;
    products_begin();
#pragma unroll
    for (int k = 0; k < 64; k += 16) {
      by_tiles<GATED_COLUMNS>(c, now + group * 64, now + GATED_ROWS * 64, k, step + k > 0);
    }
    products_end();
  }
  products_wait<GATED_COLUMNS>(c);
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
#endif
