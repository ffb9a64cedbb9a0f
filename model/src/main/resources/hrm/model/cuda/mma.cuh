// Products of 16 x 16 by 16 x 8 bfloat16 on tensor cores, with sums in float32, by one warp, and the
// ways of their operands through shared memory.
//
// Fragments of mma.m16n8k16 (PTX ISA, "Matrix Fragments for mma.m16n8k16"): with g = lane / 4 and
// t = lane % 4, a register of A holds row g (+8), columns 2t and 2t+1 (+8); one of B rows 2t and 2t+1
// (+8) of column g; C and D row g (+8), columns 2t and 2t+1. Tiles in shared memory have rows of D
// elements, D + 8 apart: the 8 rows of a matrix that ldmatrix reads at once lie in 32 banks.

#ifndef EMULATED
__device__ inline void mma(float* c, const unsigned* a, unsigned b0, unsigned b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

__device__ inline unsigned shared_address(const void* at) {
  return (unsigned)__cvta_generic_to_shared(at);
}

// Four matrices of 8 x 8: lane i gives the address of row i % 8 of matrix i / 8; register m receives
// row g, columns 2t and 2t+1, of matrix m.
__device__ inline void matrices(unsigned* to, const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(shared_address(row))
               : "memory");
}

// The same, each turned over: column g, rows 2t and 2t+1.
__device__ inline void matrices_turned(unsigned* to, const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(shared_address(row))
               : "memory");
}

// Begins to copy 16 bytes to shared memory; zeros unless they are there.
__device__ inline void copy_async(void* to, const void* from, bool there) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
               :
               : "r"(shared_address(to)), "l"(from), "r"(there ? 16 : 0)
               : "memory");
}

// Ends a group of copies.
__device__ inline void copies_begun() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits until all of this thread's groups but the newest LEFT have arrived.
template <int LEFT>
__device__ inline void copies_arrived() {
  asm volatile("cp.async.wait_group %0;" ::"n"(LEFT) : "memory");
}

// 2 to the x, to 2 units in the last place.
__device__ inline float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
#endif

// A row's elements i..i + 8 and their partners, half a head away, turned by the angles of position p.
// Both halves of a row of the table are the same.
template <int D>
__device__ inline void turn(
    Pack<bf16, 8>& low, Pack<bf16, 8>& high, const float* rope, int p, int i, int per) {
  for (int j = 0; j < 8; j += 4) {
    Pack<float, 4> cosine = load<float, 4>(rope + p * D + i + j);
    Pack<float, 4> sine = load<float, 4>(rope + (per + p) * D + i + j);
    for (int k = 0; k < 4; k++) {
      float a = to_float(low.v[j + k]);
      float b = to_float(high.v[j + k]);
      put(low.v[j + k], a * cosine.v[k] - b * sine.v[k]);
      put(high.v[j + k], b * cosine.v[k] + a * sine.v[k]);
    }
  }
}

// Rows from..from + count of an array, wide elements apart, to a tile: turned by their angles where
// rope is not null, else by copies that arrive later; zero beyond the sequence.
template <int D>
__device__ inline void bring_rows(
    bf16* to, const bf16* array, int wide, const float* rope, int from, int count, int per) {
  if (rope == nullptr) {
    for (int e = threadIdx.x; e < count * (D / 8); e += blockDim.x) {
      int row = e / (D / 8);
      int i = e % (D / 8) * 8;
      bool there = from + row < per;
      copy_async(
          to + row * (D + 8) + i, array + (long long)(there ? from + row : 0) * wide + i, there);
    }
    return;
  }
  for (int e = threadIdx.x; e < count * (D / 16); e += blockDim.x) {
    int row = e / (D / 16);
    int i = e % (D / 16) * 8;
    Pack<bf16, 8> low = {}, high = {};
    if (from + row < per) {
      const bf16* x = array + (long long)(from + row) * wide + i;
      low = load<bf16, 8>(x);
      high = load<bf16, 8>(x + D / 2);
      turn<D>(low, high, rope, from + row, i, per);
    }
    store<bf16, 8>(to + row * (D + 8) + i, low);
    store<bf16, 8>(to + row * (D + 8) + i + D / 2, high);
  }
}

// The first rows of queries and keys to a tile each, turned by their angles where rope is not null; base
// is a sample's and head's part of qkv, wide its heads' elements.
template <int D>
__device__ inline void bring_queries_and_keys(
    bf16* queries, bf16* keys, const bf16* base, int wide, const float* rope, int rows, int per) {
#pragma unroll 2
  for (int e = threadIdx.x; e < rows * (D / 16); e += blockDim.x) {
    int row = e / (D / 16);
    int i = e % (D / 16) * 8;
    Pack<bf16, 8> q0 = {}, q1 = {}, k0 = {}, k1 = {};
    if (row < per) {
      const bf16* x = base + (long long)row * 3 * wide + i;
      q0 = load<bf16, 8>(x);
      q1 = load<bf16, 8>(x + D / 2);
      k0 = load<bf16, 8>(x + wide);
      k1 = load<bf16, 8>(x + wide + D / 2);
      if (rope != nullptr) {
        turn<D>(q0, q1, rope, row, i, per);
        turn<D>(k0, k1, rope, row, i, per);
      }
    }
    int to = row * (D + 8) + i;
    store<bf16, 8>(queries + to, q0);
    store<bf16, 8>(queries + to + D / 2, q1);
    store<bf16, 8>(keys + to, k0);
    store<bf16, 8>(keys + to + D / 2, k1);
  }
}

// The A fragment of rows row..row + 16, columns k..k + 16 of a tile.
template <int D>
__device__ inline void fragment_a(unsigned* to, const bf16* tile, int row, int k) {
  int lane = lane_of();
  matrices(to, tile + (row + lane % 16) * (D + 8) + k + lane / 16 * 8);
}

// The B fragments of two products whose columns are a tile's rows row..row + 16: two registers each.
template <int D>
__device__ inline void fragments_b(unsigned* to, const bf16* tile, int row, int k) {
  int lane = lane_of();
  matrices(to, tile + (row + lane / 16 * 8 + lane % 8) * (D + 8) + k + lane / 8 % 2 * 8);
}

// Likewise of two products whose rows are a tile's rows row..row + 16, columns n..n + 16.
template <int D>
__device__ inline void fragments_b_turned(unsigned* to, const bf16* tile, int row, int n) {
  int lane = lane_of();
  matrices_turned(to, tile + (row + lane % 16) * (D + 8) + n + lane / 16 * 8);
}
