// Products of 16 x 16 by 16 x 8 bfloat16 on tensor cores, with sums in float32, by one warp.
//
// Fragments of mma.m16n8k16 (PTX ISA, "Matrix Fragments for mma.m16n8k16"): with g = lane / 4 and
// t = lane % 4, a register of A holds row g (+8), columns 2t and 2t+1 (+8); one of B rows 2t and 2t+1
// (+8) of column g; C and D row g (+8), columns 2t and 2t+1.

#ifndef EMULATED
__device__ inline void mma(float* c, const unsigned* a, unsigned b0, unsigned b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
#endif

// Elements i and i + 1 of a query at position p, turned; zero beyond the sequence.
template <int D>
__device__ inline unsigned query_pair(
    const bf16* x, const float* rope, int p, int per, int i) {
  if (p >= per) {
    return 0;
  }
  if (rope == nullptr) {
    return (unsigned)x[i].bits | ((unsigned)x[i + 1].bits << 16);
  }
  const int half = D / 2;
  const bf16* other = i < half ? x + i + half : x + i - half;
  float sign = i < half ? -1.0f : 1.0f;
  const float* cosine = rope + p * D + i;
  const float* sine = rope + (per + p) * D + i;
  return pair_of(
      to_float(x[i]) * cosine[0] + sign * to_float(other[0]) * sine[0],
      to_float(x[i + 1]) * cosine[1] + sign * to_float(other[1]) * sine[1]);
}
