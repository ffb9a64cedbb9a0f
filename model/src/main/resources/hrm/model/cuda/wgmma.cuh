// Products of 64 x 16 by 16 x N bfloat16, with sums in float32, by a warpgroup of 4 warps: wgmma of
// compute capability 9.0a. The sums are in registers, warp w with rows 16 w.. as fragments of mma.cuh,
// and A is too, or is a tile in shared memory like B: rows of 64 elements, swizzled, at a multiple of
// 1024 bytes.

#if defined(__CUDA_ARCH_FEAT_SM90_ALL) || defined(EMULATED)
#define WGMMA 1
#endif

#if defined(WGMMA) && !defined(EMULATED)
// "Matrix descriptor", PTX ISA: 128-byte swizzle, groups of 8 rows 1024 bytes apart.
__device__ inline unsigned long long tile_descriptor(const bf16* at) {
  return (unsigned long long)(shared_address(at) >> 4) | 1ull << 16 | 64ull << 32 | 1ull << 62;
}

// A number that all threads of a warp have, as one that the compiler knows to be the same for all:
// products are for whole warps, and under a condition it must see that.
__device__ inline int of_warp(int x) { return __shfl_sync(0xffffffffu, x, 0); }

// Before the first product after sums, or A, have been touched otherwise.
__device__ inline void products_begin() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }

__device__ inline void products_end() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

// Until all have ended; c may be used again.
template <int N>
__device__ inline void products_wait(float (*c)[4]) {
  asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
#pragma unroll
  for (int n = 0; n < N / 8; n++) {
    asm volatile("" : "+f"(c[n][0]), "+f"(c[n][1]), "+f"(c[n][2]), "+f"(c[n][3])::"memory");
  }
}

// What this thread has written to shared memory, for products after the next barrier.
__device__ inline void tiles_written() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

#define C8(n) \
  "+f"(c[n][0]), "+f"(c[n][1]), "+f"(c[n][2]), "+f"(c[n][3]), \
  "+f"(c[n + 1][0]), "+f"(c[n + 1][1]), "+f"(c[n + 1][2]), "+f"(c[n + 1][3])

__device__ inline void product_16_of_tiles(
    float (*c)[4], unsigned long long a, unsigned long long b, int accumulate) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %10, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7}, %8, %9, p, 1, 1, 0, 0;\n}"
      : C8(0)
      : "l"(a), "l"(b), "r"(accumulate));
}

__device__ inline void product_32_of_tiles(
    float (*c)[4], unsigned long long a, unsigned long long b, int accumulate) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %18, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n32k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15}, "
      "%16, %17, p, 1, 1, 0, 0;\n}"
      : C8(0), C8(2)
      : "l"(a), "l"(b), "r"(accumulate));
}

__device__ inline void product_96_of_tiles(
    float (*c)[4], unsigned long long a, unsigned long long b, int accumulate) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %50, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n96k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, "
      "%19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, "
      "%36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47}, "
      "%48, %49, p, 1, 1, 0, 0;\n}"
      : C8(0), C8(2), C8(4), C8(6), C8(8), C8(10)
      : "l"(a), "l"(b), "r"(accumulate));
}

__device__ inline void product_192_of_tiles(
    float (*c)[4], unsigned long long a, unsigned long long b, int accumulate) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %98, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n192k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, "
      "%19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, "
      "%36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, %50, %51, %52, "
      "%53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, %64, %65, %66, %67, %68, %69, "
      "%70, %71, %72, %73, %74, %75, %76, %77, %78, %79, %80, %81, %82, %83, %84, %85, %86, "
      "%87, %88, %89, %90, %91, %92, %93, %94, %95}, "
      "%96, %97, p, 1, 1, 0, 0;\n}"
      : C8(0), C8(2), C8(4), C8(6), C8(8), C8(10), C8(12), C8(14), C8(16), C8(18), C8(20),
        C8(22)
      : "l"(a), "l"(b), "r"(accumulate));
}

__device__ inline void product_64_turned(
    float (*c)[4], const unsigned* a, unsigned long long b, int accumulate) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %37, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, "
      "%20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, "
      "{%32, %33, %34, %35}, %36, p, 1, 1, 1;\n}"
      : C8(0), C8(2), C8(4), C8(6)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(accumulate));
}

// c (64, N) = 64 rows of a tile times N rows of another, their columns k..k + 16; added to c if so.
template <int N>
__device__ inline void by_tiles(
    float (*c)[4], const bf16* left, const bf16* right, int k, bool accumulate) {
  unsigned long long a = tile_descriptor(left + k);
  unsigned long long b = tile_descriptor(right + k);
  if constexpr (N == 16) {
    product_16_of_tiles(c, a, b, accumulate);
  } else if constexpr (N == 32) {
    product_32_of_tiles(c, a, b, accumulate);
  } else if constexpr (N == 96) {
    product_96_of_tiles(c, a, b, accumulate);
  } else {
    static_assert(N == 192, "no product of this width");
    product_192_of_tiles(c, a, b, accumulate);
  }
}

// c (64, 64) += a times a tile's rows k..k + 16, of 64 columns.
__device__ inline void by_columns(float (*c)[4], const unsigned* a, const bf16* tile, int k) {
  product_64_turned(c, a, tile_descriptor(tile + k * 64), 1);
}
#endif
