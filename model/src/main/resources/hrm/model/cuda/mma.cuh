// Products of 16 x 16 by 16 x 8 bfloat16 on tensor cores, with sums in float32, by one warp, and the
// ways of their operands through shared memory.
//
// Fragments of mma.m16n8k16 (PTX ISA, "Matrix Fragments for mma.m16n8k16"): with g = lane / 4 and
// t = lane % 4, a register of A holds row g (+8), columns 2t and 2t+1 (+8); one of B rows 2t and 2t+1
// (+8) of column g; C and D row g (+8), columns 2t and 2t+1. Tiles in shared memory have rows of D
// elements, D + 8 apart, or D apart with their parts of 16 bytes swizzled, for wgmma.cuh: so the 8 rows
// of a matrix that ldmatrix reads at once lie in 32 banks.

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

// What a call gives a block beyond its kernel's own.
extern __shared__ __align__(1024) unsigned char shared_memory[];
#endif

// Where element i of a tile's row is; the first of 8.
template <int D, bool SWIZZLED = false>
__device__ inline int place(int row, int i) {
  return SWIZZLED ? row * D + (i / 8 ^ row % 8) * 8 : row * (D + 8) + i;
}

// 8 elements of a row in 4 registers.
typedef Pack<unsigned, 4> Eight;

__device__ inline Eight load_eight(const bf16* at) {
  return load<unsigned, 4>(reinterpret_cast<const unsigned*>(at));
}

__device__ inline void store_eight(bf16* at, const Eight& eight) {
  store<unsigned, 4>(reinterpret_cast<unsigned*>(at), eight);
}

__device__ inline float first_of(unsigned pair) { return __uint_as_float(pair << 16); }

__device__ inline float second_of(unsigned pair) { return __uint_as_float(pair & 0xffff0000u); }

// The cosines and sines of elements i..i + 8 of a head at a position. Both halves of a row of the table
// are the same.
struct Angles {
  Pack<float, 4> cosine[2];
  Pack<float, 4> sine[2];
};

template <int D>
__device__ inline Angles angles_of(const float* rope, int p, int i, int per) {
  const float* at = rope + p * D + i;
  Angles angles;
#pragma unroll
  for (int j = 0; j < 2; j++) {
    angles.cosine[j] = load<float, 4>(at + 4 * j);
    angles.sine[j] = load<float, 4>(at + per * D + 4 * j);
  }
  return angles;
}

// Turns 8 elements of a row and their partners, half a head away.
__device__ inline void turn(Eight& low, Eight& high, const Angles& angles) {
#pragma unroll
  for (int j = 0; j < 4; j++) {
    float a0 = first_of(low.v[j]);
    float a1 = second_of(low.v[j]);
    float b0 = first_of(high.v[j]);
    float b1 = second_of(high.v[j]);
    float c0 = angles.cosine[j / 2].v[j % 2 * 2];
    float c1 = angles.cosine[j / 2].v[j % 2 * 2 + 1];
    float s0 = angles.sine[j / 2].v[j % 2 * 2];
    float s1 = angles.sine[j / 2].v[j % 2 * 2 + 1];
    low.v[j] = pair_of(a0 * c0 - b0 * s0, a1 * c1 - b1 * s1);
    high.v[j] = pair_of(b0 * c0 + a0 * s0, b1 * c1 + a1 * s1);
  }
}

template <int D>
__device__ inline void turn(Eight& low, Eight& high, const float* rope, int p, int i, int per) {
  turn(low, high, angles_of<D>(rope, p, i, per));
}

// Rows from..from + count of an array, wide elements apart, to a tile, by copies that arrive later; zero
// beyond the sequence.
template <int D>
__device__ inline void bring_rows(
    bf16* to, const bf16* array, int wide, int from, int count, int per) {
  int step = (int)blockDim.x / (D / 8);
  int row = (int)threadIdx.x / (D / 8);
  int i = (int)threadIdx.x % (D / 8) * 8;
  const bf16* at = array + (long long)(from + row) * wide + i;
  for (; row < count; row += step) {
    bool there = from + row < per;
    copy_async(to + place<D>(row, i), there ? at : array, there);
    at += (long long)step * wide;
  }
}

// The same, turned by their angles where rope is not null; they have arrived.
template <int D, bool SWIZZLED = false>
__device__ inline void bring_turned(
    bf16* to, const bf16* array, int wide, const float* rope, int from, int count, int per) {
#pragma unroll 2
  for (int e = threadIdx.x; e < count * (D / 16); e += blockDim.x) {
    int row = e / (D / 16);
    int i = e % (D / 16) * 8;
    Eight low = {}, high = {};
    if (from + row < per) {
      const bf16* x = array + (long long)(from + row) * wide + i;
      low = load_eight(x);
      high = load_eight(x + D / 2);
      if (rope != nullptr) {
        turn<D>(low, high, rope, from + row, i, per);
      }
    }
    store_eight(to + place<D, SWIZZLED>(row, i), low);
    store_eight(to + place<D, SWIZZLED>(row, i + D / 2), high);
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
    Eight q0 = {}, q1 = {}, k0 = {}, k1 = {};
    if (row < per) {
      const bf16* x = base + (long long)row * 3 * wide + i;
      q0 = load_eight(x);
      q1 = load_eight(x + D / 2);
      k0 = load_eight(x + wide);
      k1 = load_eight(x + wide + D / 2);
      if (rope != nullptr) {
        turn<D>(q0, q1, rope, row, i, per);
        turn<D>(k0, k1, rope, row, i, per);
      }
    }
    int low = place<D>(row, i);
    int high = place<D>(row, i + D / 2);
    store_eight(queries + low, q0);
    store_eight(queries + high, q1);
    store_eight(keys + low, k0);
    store_eight(keys + high, k1);
  }
}

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

// A warp's rows own..own + count of a tile to rows from.. of an array that are in the sequence.
template <int D, bool SWIZZLED = false>
__device__ inline void write_rows(
    bf16* array, int wide, const bf16* tile, int own, int count, int from, int per) {
  __syncwarp();  // the tile has been written
  for (int e = lane_of(); e < count * (D / 8); e += 32) {
    int row = e / (D / 8);
    int i = e % (D / 8) * 8;
    if (from + row < per) {
      store_eight(
          array + (long long)(from + row) * wide + i,
          load_eight(tile + place<D, SWIZZLED>(own + row, i)));
    }
  }
}

// The A fragment of columns 16 n..16 n + 16 of sums, rounded.
__device__ inline void fragment_of_sums(unsigned* to, const float (*c)[4], int n) {
#pragma unroll
  for (int j = 0; j < 4; j++) {
    const float* pair = &c[2 * n + j / 2][j % 2 * 2];
    to[j] = pair_of(pair[0], pair[1]);
  }
}

// The A fragment of rows row..row + 16, columns k..k + 16 of a tile.
template <int D>
__device__ inline void fragment_a(unsigned* to, const bf16* tile, int row, int k) {
  int lane = lane_of();
  matrices(to, tile + place<D>(row + lane % 16, k + lane / 16 * 8));
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
