// A product and its SwiGLU in one by warpgroups (wgmma.cuh): y (rows, inter) = silu(x gate^T) (x up^T),
// x (rows, width), weights (2 inter, width), the gate's in front; width is a multiple of 64. A warpgroup
// has 64 rows and N columns, half of them the gate's. Tiles of 64 columns of x and weights come by copies,
// STAGES - 1 of them on their way. Grid: 2 inter / N, blocks of 64 GROUPS rows. Empty but for compute
// capability 9.0a.

#ifdef WGMMA
// Copies of the tiles of one step to shared memory.
template <int GROUPS, int N>
struct GatedTiles {
  static const int rows_of_x = 64 * GROUPS;
  static const int size = (rows_of_x + N) * 64;
  static const int pass = 16 * GROUPS;  // rows that the threads bring at once
  const bf16* x;                        // of this thread's part of a row
  const bf16* weights;
  bf16* to;
  int row;  // this thread's first
  int rows;
  int width;
  int column;
  int inter;

  __device__ inline void bring(int step, int stage) const {
    bf16* at = to + stage * size;
#pragma unroll
    for (int i = 0; i < rows_of_x; i += pass) {
      bool there = row + i < rows;
      copy_async(at + i * 64, x + (long long)(there ? row + i : 0) * width + step * 64, there);
    }
    int own = (int)threadIdx.x / 8;
#pragma unroll
    for (int i = 0; i < N; i += pass) {
      int w = column + own + i + (own + i < N / 2 ? 0 : inter - N / 2);
      copy_async(at + (rows_of_x + i) * 64, weights + (long long)w * width + step * 64, true);
    }
  }
};

template <int GROUPS, int N, int STAGES>
__device__ void gated_tiles(
    const bf16* x, const bf16* weights, bf16* y, int rows, int width, int inter) {
  typedef GatedTiles<GROUPS, N> Tiles;
  bf16* tiles = reinterpret_cast<bf16*>(shared_memory);
  int part = (int)threadIdx.x % 8 * 8;
  int first = (int)blockIdx.y * Tiles::rows_of_x;
  int column = (int)blockIdx.x * (N / 2);
  int own = (int)threadIdx.x / 8;
  Tiles source = {x + part, weights + part, tiles + place<64, true>(own, part),
                  first + own, rows, width, column, inter};
  int steps = width / 64;
#pragma unroll
  for (int step = 0; step < STAGES - 1; step++) {
    if (step < steps) {
      source.bring(step, step);
    }
    copies_begun();
  }
  float c[N / 8][4];
  int group = (int)threadIdx.x / 128 * 64;
  int stage = 0;
  int free = STAGES - 1;
  for (int step = 0; step < steps; step++) {
    copies_arrived<STAGES - 2>();
    tiles_written();
    if (step > 0) {
      products_wait<N>(c);
    }
    __syncthreads();  // this step's tiles are there, those of the one before have been used
    if (step + STAGES - 1 < steps) {
      source.bring(step + STAGES - 1, free);
    }
    copies_begun();
    const bf16* now = tiles + stage * Tiles::size;
    products_begin();
#pragma unroll
    for (int k = 0; k < 64; k += 16) {
      by_tiles<N>(c, now + group * 64, now + Tiles::rows_of_x * 64, k, step + k > 0);
    }
    products_end();
    free = stage;
    stage = stage + 1 == STAGES ? 0 : stage + 1;
  }
  products_wait<N>(c);
  __syncthreads();

  // Through each warp's own rows of shared memory, so that whole accesses are written.
  const int pitch = N / 2 + 8;
  int mine = (int)threadIdx.x / 32 * 16;
  int g = lane_of() / 4;
  int t = lane_of() % 4;
#pragma unroll
  for (int n = 0; n < N / 16; n++) {
#pragma unroll
    for (int h = 0; h < 2; h++) {
      // Rounded, as the product alone leaves them.
      unsigned gate = pair_of(c[n][2 * h], c[n][2 * h + 1]);
      unsigned up = pair_of(c[n + N / 16][2 * h], c[n + N / 16][2 * h + 1]);
      *reinterpret_cast<unsigned*>(tiles + (mine + g + 8 * h) * pitch + n * 8 + 2 * t) = pair_of(
          gated(first_of(gate), first_of(up), bf16()), gated(second_of(gate), second_of(up), bf16()));
    }
  }
  __syncwarp();
  for (int e = lane_of(); e < 16 * (N / 16); e += 32) {
    int row = mine + e / (N / 16);
    int i = e % (N / 16) * 8;
    if (first + row < rows) {
      store_eight(y + (long long)(first + row) * inter + column + i, load_eight(tiles + row * pitch + i));
    }
  }
}

extern "C" __global__ void __launch_bounds__(256, 2) gated_product(
    const bf16* x, const bf16* weights, bf16* y, int rows, int width, int inter) {
  gated_tiles<2, 192, 2>(x, weights, y, rows, width, inter);
}
#endif
