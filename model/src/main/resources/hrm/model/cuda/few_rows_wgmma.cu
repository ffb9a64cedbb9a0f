// Products of few rows by wgmma (wgmma.cuh), with what stands before and behind them: y (rows, out) =
// x w^T, where x may be the RMSNorm of a sum, and y the SwiGLU of the product. The weights are the left
// factor: a block has 64 of their rows and 32 rows of x, so that a puzzle alone has blocks for many
// multiprocessors, and they come while the kernel before this one still works. Tiles of 64 columns are in
// STAGES places by turns. The first warpgroup multiplies, both bring and write. Block: 256; grid: blocks
// of 64 rows of the weights, of 32 rows. Shared: STAGES tiles. width is a multiple of 64, out too, or of
// 32 for SwiGLU. Empty but for compute capability 9.0a.

#ifdef WGMMA
#define FEW_ROWS 32
#define FEW_OUT 64

// Tiles of a step, weights in front, and the part of 16 bytes of each 32 rows that is this thread's.
template <int STAGES, bool GATED>
struct FewTiles {
  static const int size = (FEW_OUT + FEW_ROWS) * 64;
  bf16* tiles;
  int row;   // of 32
  int part;  // its first element
  int width;

  __device__ inline bf16* weights_of(int step) const { return tiles + step % STAGES * size; }

  __device__ inline bf16* rows_of(int step) const { return weights_of(step) + FEW_OUT * 64; }

  // SwiGLU: of each 16 rows 8 of the gate and the same 8 of what it gates, so that a thread has both.
  __device__ inline void bring_weights(const bf16* weights, int step, int out) const {
    if (step * 64 < width) {
#pragma unroll
      for (int i = 0; i < FEW_OUT; i += 32) {
        int m = row + i;
        int w = GATED ? (int)blockIdx.x * (FEW_OUT / 2) + m / 16 * 8 + m % 8 + m / 8 % 2 * out
                      : (int)blockIdx.x * FEW_OUT + m;
        copy_async(weights_of(step) + place<64, true>(m, part),
                   weights + (long long)w * width + step * 64 + part, true);
      }
    }
  }

  __device__ inline void bring_rows(const bf16* x, int step, int rows) const {
    if (step * 64 < width) {
      int from = (int)blockIdx.y * FEW_ROWS + row;
      bool there = from < rows;
      copy_async(rows_of(step) + place<64, true>(row, part),
                 x + (long long)(there ? from : 0) * width + step * 64 + part, there);
    }
  }
};

// The tiles' rows as add_norm of norms.cu computes them, 4 a warp; one column of blocks writes them to
// `normed` as well. width is 512 at most.
template <int STAGES, bool GATED>
__device__ inline void bring_normed(
    const FewTiles<STAGES, GATED>& tiles, const bf16* x, const bf16* r, bf16* normed, int rows,
    float eps) {
  int width = tiles.width;
  int lane = lane_of();
  int own = (int)threadIdx.x / 32 * 4;
  int first = (int)blockIdx.y * FEW_ROWS + own;
  Pack<bf16, 8> p[4][2], q[4][2];
#pragma unroll
  for (int j = 0; j < 4; j++) {
#pragma unroll
    for (int t = 0; t < 2; t++) {
      int i = lane * 8 + t * 256;
      p[j][t] = {};
      q[j][t] = {};
      if (first + j < rows && i < width) {
        p[j][t] = load<bf16, 8>(x + (long long)(first + j) * width + i);
        q[j][t] = load<bf16, 8>(r + (long long)(first + j) * width + i);
      }
    }
  }
#pragma unroll
  for (int j = 0; j < 4; j++) {
    float squares = 0.0f;
#pragma unroll
    for (int t = 0; t < 2; t++) {
#pragma unroll
      for (int k = 0; k < 8; k++) {
        float s = to_float(p[j][t].v[k]) + to_float(q[j][t].v[k]);
        squares += s * s;
      }
    }
    squares = warp_sum(squares);
    float scale = 1.0f / sqrtf(squares / width + eps);
#pragma unroll
    for (int t = 0; t < 2; t++) {
      int i = lane * 8 + t * 256;
      if (i < width) {
#pragma unroll
        for (int k = 0; k < 8; k++) {
          put(p[j][t].v[k], (to_float(p[j][t].v[k]) + to_float(q[j][t].v[k])) * scale);
        }
        store<bf16, 8>(tiles.rows_of(i / 64) + place<64, true>(own + j, i % 64), p[j][t]);
        if (blockIdx.x == 0 && first + j < rows) {
          store<bf16, 8>(normed + (long long)(first + j) * width + i, p[j][t]);
        }
      }
    }
  }
}

template <int STAGES, bool NORMED, bool GATED>
__device__ void few_rows(
    const bf16* x, const bf16* r, bf16* normed, const bf16* weights, bf16* y, int rows, int width,
    int out, float eps) {
  bf16* shared = reinterpret_cast<bf16*>(shared_memory);
  FewTiles<STAGES, GATED> tiles = {
      shared, (int)threadIdx.x / 8, (int)threadIdx.x % 8 * 8, width};
  for (int step = 0; step < STAGES; step++) {
    tiles.bring_weights(weights, step, out);
    copies_begun();
  }
  follow();
  if (NORMED) {
    bring_normed(tiles, x, r, normed, rows, eps);
  } else {
    for (int step = 0; step < STAGES; step++) {
      tiles.bring_rows(x, step, rows);
      copies_begun();
    }
  }
  float c[FEW_ROWS / 8][4];
  bool multiplies = of_warp(threadIdx.x / 128) == 0;
  int steps = width / 64;
  for (int step = 0; step < steps; step++) {
    // One group a step: of a first round this step's is STAGES back, of later ones two less.
    copies_arrived<NORMED ? STAGES - 1 : STAGES - 3>();
    tiles_written();
    if (multiplies && step > 1) {
      products_wait_but_one();
    }
    __syncthreads();  // this step's tiles are there, those of two steps before have been used
    int next = step - 2 + STAGES;
    if (step > 1 && !NORMED) {
      tiles.bring_weights(weights, next, out);
      tiles.bring_rows(x, next, rows);
    }
    copies_begun();
    if (multiplies) {
      products_begin();
#pragma unroll
      for (int k = 0; k < 64; k += 16) {
        by_tiles<FEW_ROWS>(c, tiles.weights_of(step), tiles.rows_of(step), k, step + k > 0);
      }
      products_end();
    }
  }

  const int columns = GATED ? FEW_OUT / 2 : FEW_OUT;
  if (multiplies) {
    products_wait<FEW_ROWS>(c);
  }
  __syncthreads();  // all tiles have been used: the results take their place
  if (multiplies) {
    int own = (int)threadIdx.x / 32 * (columns / 4) + lane_of() / 4;
#pragma unroll
    for (int n = 0; n < FEW_ROWS / 8; n++) {
#pragma unroll
      for (int i = 0; i < 2; i++) {
        bf16* to = shared + place<columns>(n * 8 + lane_of() % 4 * 2 + i, 0) + own;
        unsigned pair = pair_of(c[n][i], c[n][i + 2]);  // rounded, as the product alone leaves them
        if (GATED) {
          put(to[0], gated(first_of(pair), second_of(pair), bf16()));
        } else {
          put(to[0], first_of(pair));
          put(to[8], second_of(pair));
        }
      }
    }
  }
  __syncthreads();
  int first = (int)threadIdx.x / 32 * 4;
  int from = (int)blockIdx.y * FEW_ROWS + first;
  write_rows<columns>(
      y + (long long)blockIdx.x * columns, out, shared, first, 4, from, rows);
}

#define FEW_ROWS_KERNEL(name, STAGES, NORMED, GATED, BLOCKS)                                  \
  extern "C" __global__ void __launch_bounds__(256, BLOCKS) name(                             \
      const bf16* x, const bf16* r, bf16* normed, const bf16* weights, bf16* y, int rows,     \
      int width, int out, float eps) {                                                        \
    few_rows<STAGES, NORMED, GATED>(x, r, normed, weights, y, rows, width, out, eps);         \
  }
FEW_ROWS_KERNEL(few_rows_8, 8, false, false, 2)
FEW_ROWS_KERNEL(few_rows_18, 18, false, false, 1)
FEW_ROWS_KERNEL(few_rows_normed, 8, true, false, 2)
FEW_ROWS_KERNEL(few_rows_normed_gated, 8, true, true, 2)
#endif
