// Products of few rows by wgmma (wgmma.cuh), with what stands before and behind them: y (rows, out) =
// x w^T, where x may be a sum or its RMSNorm, and y the SwiGLU of the product. The weights are the left
// factor: a block has 64 of their rows and ROWS of x, so that a puzzle alone has blocks for many
// multiprocessors. Its weights come while the kernels before this one still work, and all of its tiles
// of 64 columns before it multiplies, or as many as there is place for: what takes time here is waiting,
// for memory and for the one product after another that a row's sum is. The first warpgroup multiplies and
// writes, all bring. Grid: blocks of 64 rows of the weights, of ROWS rows. Shared: STAGES tiles of each.
// width is a multiple of 64, and at most STAGES tiles unless WIDE; out is one too, or of 32 for SwiGLU.
// Empty but for compute capability 9.0a.

#ifdef WGMMA
#define FEW_OUT 64

// What stands before the product.
#define AS_IT_IS 0
#define SUM 1
#define NORM 2

// A block's tiles, each of the weights' in front of that of the same columns of x.
template <int ROWS, int THREADS>
struct FewTiles {
  bf16* tiles;
  int width;

  __device__ inline bf16* weights_of(int tile) const { return tiles + tile * (FEW_OUT + ROWS) * 64; }

  __device__ inline bf16* rows_of(int tile) const { return weights_of(tile) + FEW_OUT * 64; }

  // Of steps from.. of 64 columns each. SwiGLU: of each 16 rows 8 of the gate and the same 8 of what it
  // gates, so that a thread has both.
  template <bool GATED>
  __device__ inline void bring_weights(const bf16* weights, int from, int count, int out) const {
    int row = (int)threadIdx.x / 8;
    int part = (int)threadIdx.x % 8 * 8;
    for (int tile = 0; tile < count; tile++) {
#pragma unroll
      for (int i = 0; i < FEW_OUT; i += THREADS / 8) {
        int m = row + i;
        int w = GATED ? (int)blockIdx.x * (FEW_OUT / 2) + m / 16 * 8 + m % 8 + m / 8 % 2 * out
                      : (int)blockIdx.x * FEW_OUT + m;
        copy_async(weights_of(tile) + place<64, true>(m, part),
                   weights + (long long)w * width + (from + tile) * 64 + part, true);
      }
    }
  }

  __device__ inline void bring_rows(const bf16* x, int from, int count, int rows) const {
    int part = (int)threadIdx.x % 8 * 8;
    for (int e = (int)threadIdx.x / 8; e < count * ROWS; e += THREADS / 8) {
      int row = e % ROWS;
      int tile = e / ROWS;
      int at = (int)blockIdx.y * ROWS + row;
      bool there = at < rows;
      copy_async(rows_of(tile) + place<64, true>(row, part),
                 x + (long long)(there ? at : 0) * width + (from + tile) * 64 + part, there);
    }
  }

  // c (64, ROWS) = the tiles' products, or as many more, when they have arrived.
  __device__ inline void multiply(float (*c)[4], bool multiplies, int count, bool more) const {
    copies_begun();
    copies_arrived<0>();
    tiles_written();
    __syncthreads();
    if (multiplies) {
      products_begin();
      for (int tile = 0; tile < count; tile++) {
#pragma unroll
        for (int k = 0; k < 64; k += 16) {
          by_tiles<ROWS>(c, weights_of(tile), rows_of(tile), k, more || tile + k > 0);
        }
      }
      products_end();
    }
  }
};

// The tiles' rows as `add` of elements.cu or add_norm of norms.cu computes them, some a warp; one column
// of blocks writes them to `sum` as well. width is 512 at most. What is beyond the array is read at a
// place within, since loads under a condition would not all be under way at once.
template <int ROWS, int THREADS, int BEFORE>
__device__ inline void bring_sums(
    const FewTiles<ROWS, THREADS>& tiles, const bf16* x, const bf16* r, bf16* sum,
    int rows, float eps) {
  const int EACH = ROWS / (THREADS / 32);
  int width = tiles.width;
  int lane = lane_of();
  int own = (int)threadIdx.x / 32 * EACH;
  int first = (int)blockIdx.y * ROWS + own;
  Eight p[EACH][2], q[EACH][2];
#pragma unroll
  for (int j = 0; j < EACH; j++) {
    long long row = (long long)(first + j < rows ? first + j : rows - 1) * width;
#pragma unroll
    for (int t = 0; t < 2; t++) {
      int i = lane * 8 + t * 256;
      p[j][t] = load_eight(x + row + (i < width ? i : 0));
      q[j][t] = load_eight(r + row + (i < width ? i : 0));
    }
  }
#pragma unroll
  for (int j = 0; j < EACH; j++) {
    float sums[2][8];
    float squares = 0.0f;
#pragma unroll
    for (int t = 0; t < 2; t++) {
      bool there = lane * 8 + t * 256 < width;
#pragma unroll
      for (int k = 0; k < 8; k++) {
        float s = k % 2 == 0 ? first_of(p[j][t].v[k / 2]) + first_of(q[j][t].v[k / 2])
                             : second_of(p[j][t].v[k / 2]) + second_of(q[j][t].v[k / 2]);
        sums[t][k] = s;
        s = there ? s : 0.0f;
        squares = fmaf(s, s, squares);  // as add_norm does
      }
    }
    float scale = BEFORE == NORM ? inverse_rms(warp_sum(squares), width, eps, bf16()) : 1.0f;
#pragma unroll
    for (int t = 0; t < 2; t++) {
      int i = lane * 8 + t * 256;
      if (i < width) {
        Eight eight;
#pragma unroll
        for (int k = 0; k < 4; k++) {
          eight.v[k] = pair_of(sums[t][2 * k] * scale, sums[t][2 * k + 1] * scale);
        }
        store_eight(tiles.rows_of(i / 64) + place<64, true>(own + j, i % 64), eight);
        if (blockIdx.x == 0 && first + j < rows) {
          store_eight(sum + (long long)(first + j) * width + i, eight);
        }
      }
    }
  }
}

// Products, rounded as they would be alone, to y. A thread has those of weights' rows g and g + 8 with
// two of x: neighbours exchange, so that each writes two columns of one row.
template <int ROWS, bool GATED>
__device__ inline void write_products(const float (*c)[4], bf16* y, int rows, int out) {
  const int columns = GATED ? FEW_OUT / 2 : FEW_OUT;  // of y in this block
  int lane = lane_of();
  int g = lane / 4;
  bool odd = g % 2 == 1;
  int row = (int)blockIdx.y * ROWS + lane % 4 * 2 + odd;
  bf16* to = y + (long long)row * out + (int)blockIdx.x * columns +
             (int)threadIdx.x / 32 * (columns / 4) + g / 2 * 2;
#pragma unroll
  for (int n = 0; n < ROWS / 8; n++) {
#pragma unroll
    for (int h = 0; h < (GATED ? 1 : 2); h++) {
      float own[2];
#pragma unroll
      for (int i = 0; i < 2; i++) {
        unsigned pair = pair_of(c[n][i], c[n][i + 2]);
        own[i] = GATED ? gated(first_of(pair), second_of(pair), bf16()) : c[n][2 * h + i];
      }
      float other = __shfl_xor_sync(0xffffffffu, odd ? own[0] : own[1], 4);
      if (row + n * 8 < rows) {
        *reinterpret_cast<unsigned*>(to + (long long)n * 8 * out + 8 * h) =
            odd ? pair_of(other, own[1]) : pair_of(own[0], other);
      }
    }
  }
}

template <int ROWS, int STAGES, bool WIDE, int THREADS, int BEFORE, bool GATED>
__device__ inline void few_rows(
    const bf16* x, const bf16* r, bf16* sum, const bf16* weights, bf16* y, int rows, int width,
    int out, float eps) {
  bf16* shared = reinterpret_cast<bf16*>(shared_memory);
  FewTiles<ROWS, THREADS> tiles = {shared, width};
  bool multiplies = of_warp((int)threadIdx.x / 128) == 0;
  int steps = width / 64;
  int first_steps = WIDE && steps > STAGES ? STAGES : steps;
  tiles.template bring_weights<GATED>(weights, 0, first_steps, out);
  follow();
  if (BEFORE == AS_IT_IS) {
    tiles.bring_rows(x, 0, first_steps, rows);
  } else {
    bring_sums<ROWS, THREADS, BEFORE>(tiles, x, r, sum, rows, eps);
  }
  float c[ROWS / 8][4];
  tiles.multiply(c, multiplies, first_steps, false);
  if (WIDE) {
    for (int from = STAGES; from < steps; from += STAGES) {
      if (multiplies) {
        products_wait<ROWS>(c);
      }
      __syncthreads();  // the tiles have been used
      int count = steps - from < STAGES ? steps - from : STAGES;
      tiles.template bring_weights<GATED>(weights, from, count, out);
      tiles.bring_rows(x, from, count, rows);
      tiles.multiply(c, multiplies, count, true);
    }
  }

  if (multiplies) {
    products_wait<ROWS>(c);
    write_products<ROWS, GATED>(c, y, rows, out);
  }
}

#define FEW_ROWS(name, ROWS, STAGES, WIDE, THREADS, BEFORE, GATED)                            \
  extern "C" __global__ void __launch_bounds__(THREADS, 512 / THREADS * 2) name(              \
      const bf16* x, const bf16* r, bf16* sum, const bf16* weights, bf16* y, int rows,        \
      int width, int out, float eps) {                                                        \
    few_rows<ROWS, STAGES, WIDE, THREADS, BEFORE, GATED>(                                     \
        x, r, sum, weights, y, rows, width, out, eps);                                        \
  }
FEW_ROWS(few_rows_16, 16, 8, false, 256, AS_IT_IS, false)
FEW_ROWS(few_rows_16_wide, 16, 22, true, 256, AS_IT_IS, false)
FEW_ROWS(few_rows_32, 32, 8, false, 256, AS_IT_IS, false)
FEW_ROWS(few_rows_32_summed, 32, 8, false, 512, SUM, false)
FEW_ROWS(few_rows_32_normed, 32, 8, false, 512, NORM, false)
FEW_ROWS(few_rows_32_normed_gated, 32, 8, false, 512, NORM, true)
#endif
