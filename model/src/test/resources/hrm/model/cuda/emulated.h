// The kernels' language on a CPU: one block at a time, each of its threads a fiber that runs until it
// waits. It checks indices and arithmetic, not speed, and not what depends on true concurrency.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#define EMULATED 1
#define __device__
#define __global__ EMULATED_KERNEL
#define __shared__ static
#define __launch_bounds__(...)

struct Dim3 {
  unsigned x = 1, y = 1, z = 1;
};

inline Dim3 threadIdx, blockIdx, blockDim, gridDim;

// Saves the registers that a call must keep, and goes on where another stack was left.
extern "C" void emulated_switch(void** left, void* to);
#if defined(__x86_64__)
asm(R"(
.text
.globl emulated_switch
emulated_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");
#else
#error "the emulated GPU is for x86-64"
#endif

namespace emulated {

struct Barrier {
  int arrived = 0;
  int generation = 0;
};

struct Warp {
  Barrier barrier;
  uint32_t value[32];
  unsigned a[32][4], b[32][2];
  const uint16_t* rows[32];
};

struct Fiber {
  void* at;  // its stack pointer
  std::vector<char> stack;
  bool done = false;
};

inline std::vector<Fiber*> fibers;
inline std::vector<Warp> warps;
inline Barrier block;
inline void* scheduler;
inline int current;
inline int threads;
inline void (*body)(void*);
inline void* argument;

inline void yield() { emulated_switch(&fibers[current]->at, scheduler); }

inline void wait(Barrier& barrier, int all) {
  int generation = barrier.generation;
  if (++barrier.arrived == all) {
    barrier.arrived = 0;
    barrier.generation++;
  } else {
    while (barrier.generation == generation) {
      yield();
    }
  }
}

inline Warp& warp() { return warps[current / 32]; }

inline void wait_warp() { wait(warp().barrier, 32); }

inline void enter() {
  body(argument);
  fibers[current]->done = true;
  yield();
}

// Runs one block to its end; a block whose threads all wait for others is an error.
inline void run_block(void (*f)(void*), void* args) {
  body = f;
  argument = args;
  threads = blockDim.x * blockDim.y * blockDim.z;
  while ((int)fibers.size() < threads) {
    fibers.push_back(new Fiber());
    fibers.back()->stack.resize(64 << 10);
  }
  warps.assign((threads + 31) / 32, Warp());
  block = Barrier();
  for (int i = 0; i < threads; i++) {
    Fiber* fiber = fibers[i];
    fiber->done = false;
    uintptr_t top = ((uintptr_t)fiber->stack.data() + fiber->stack.size() - 64) & ~(uintptr_t)15;
    *(void**)top = (void*)enter;  // where the first switch to it returns to
    fiber->at = (void*)(top - 48);
  }
  long rounds = 0;
  for (int left = threads; left > 0;) {
    for (int i = 0; i < threads; i++) {
      if (!fibers[i]->done) {
        current = i;
        threadIdx.x = i % blockDim.x;
        threadIdx.y = i / blockDim.x % blockDim.y;
        threadIdx.z = i / blockDim.x / blockDim.y;
        emulated_switch(&scheduler, fibers[i]->at);
        left -= fibers[i]->done;
      }
    }
    if (++rounds > 10000000) {
      fprintf(stderr, "emulated: threads wait for each other for ever\n");
      abort();
    }
  }
}

}  // namespace emulated

inline void __syncthreads() { emulated::wait(emulated::block, emulated::threads); }

inline void __syncwarp() { emulated::wait_warp(); }

inline float __uint_as_float(unsigned u) {
  float f;
  memcpy(&f, &u, 4);
  return f;
}

inline float __int_as_float(int i) { return __uint_as_float((unsigned)i); }

inline unsigned __float_as_uint(float f) {
  unsigned u;
  memcpy(&u, &f, 4);
  return u;
}

inline float __shfl_xor_sync(unsigned, float x, int step) {
  emulated::Warp& warp = emulated::warp();
  int lane = emulated::current % 32;
  memcpy(&warp.value[lane], &x, 4);
  emulated::wait_warp();
  memcpy(&x, &warp.value[lane ^ step], 4);
  emulated::wait_warp();
  return x;
}

// mma.m16n8k16 by the PTX ISA's tables of fragments, written anew from them: A (16, 16), B (16, 8).
inline float emulated_half(unsigned pair, int which) {
  return __uint_as_float((which ? pair >> 16 : pair & 0xffffu) << 16);
}

inline void mma(float* c, const unsigned* a, unsigned b0, unsigned b1) {
  emulated::Warp& warp = emulated::warp();
  int lane = emulated::current % 32;
  memcpy(warp.a[lane], a, sizeof(warp.a[lane]));
  warp.b[lane][0] = b0;
  warp.b[lane][1] = b1;
  emulated::wait_warp();
  for (int i = 0; i < 4; i++) {
    int row = lane / 4 + (i < 2 ? 0 : 8);
    int column = lane % 4 * 2 + i % 2;
    for (int k = 0; k < 16; k++) {
      int group = k % 8 / 2;
      unsigned left = warp.a[row % 8 * 4 + group][row / 8 + 2 * (k / 8)];
      unsigned right = warp.b[column * 4 + group][k / 8];
      c[i] += emulated_half(left, k % 2) * emulated_half(right, k % 2);
    }
  }
  emulated::wait_warp();
}

// ldmatrix.x4 by the PTX ISA: lane i names row i % 8 of matrix i / 8; turned: column instead of row.
inline void emulated_matrices(unsigned* to, const void* row, bool turned) {
  emulated::Warp& warp = emulated::warp();
  int lane = emulated::current % 32;
  if ((uintptr_t)row % 16 != 0) {
    fprintf(stderr, "emulated: ldmatrix of a row that is not aligned to 16 bytes\n");
    abort();
  }
  warp.rows[lane] = (const uint16_t*)row;
  emulated::wait_warp();
  for (int m = 0; m < 4; m++) {
    to[m] = 0;
    for (int j = 0; j < 2; j++) {
      int r = turned ? lane % 4 * 2 + j : lane / 4;
      int c = turned ? lane / 4 : lane % 4 * 2 + j;
      to[m] |= (unsigned)warp.rows[8 * m + r][c] << 16 * j;
    }
  }
  emulated::wait_warp();
}

inline void matrices(unsigned* to, const void* row) { emulated_matrices(to, row, false); }

inline void matrices_turned(unsigned* to, const void* row) { emulated_matrices(to, row, true); }

// cp.async, arrived at once.
inline void copy_async(void* to, const void* from, bool there) {
  if (((uintptr_t)to | (uintptr_t)from) % 16 != 0) {
    fprintf(stderr, "emulated: cp.async that is not aligned to 16 bytes\n");
    abort();
  }
  if (there) {
    memcpy(to, from, 16);
  } else {
    memset(to, 0, 16);
  }
}

inline void copies_begun() {}

template <int LEFT>
inline void copies_arrived() {}

inline float exp2_fast(float x) { return exp2f(x); }

alignas(1024) inline unsigned char shared_memory[227 << 10];

// That it was called; a kernel that is launched to begin early must.
inline bool emulated_followed;

inline void follow() { emulated_followed = true; }

inline float reciprocal_fast(float x) { return 1.0f / x; }

inline float inverse_root_fast(float x) { return 1.0f / sqrtf(x); }

// wgmma of 4 warps, each for its own 16 rows: done when it is called.
inline void products_begin() {}

inline void products_end() {}

template <int N>
inline void products_wait(float (*)[4]) {}

inline int of_warp(int x) { return x; }

inline void tiles_written() {}

// An element of a tile of rows of 64, parts of 8 swizzled (PTX ISA, "128-Byte Swizzling Mode").
inline float emulated_element(const void* tile, int row, int column) {
  int at = row * 64 + ((column / 8) ^ (row % 8)) * 8 + column % 8;
  return __uint_as_float((unsigned)((const uint16_t*)tile)[at] << 16);
}

template <int N>
inline void by_tiles(float (*c)[4], const void* left, const void* right, int k, bool accumulate) {
  if (((uintptr_t)left | (uintptr_t)right) % 1024 != 0) {
    fprintf(stderr, "emulated: a tile that is not aligned to 1024 bytes\n");
    abort();
  }
  int lane = emulated::current % 32;
  int first = emulated::current / 32 % 4 * 16;
  for (int n = 0; n < N / 8; n++) {
    for (int i = 0; i < 4; i++) {
      int row = first + lane / 4 + (i < 2 ? 0 : 8);
      int column = n * 8 + lane % 4 * 2 + i % 2;
      float sum = accumulate ? c[n][i] : 0;
      for (int j = k; j < k + 16; j++) {
        sum += emulated_element(left, row, j) * emulated_element(right, column, j);
      }
      c[n][i] = sum;
    }
  }
}

inline void by_columns(float (*c)[4], const unsigned* a, const void* tile, int k) {
  emulated::Warp& warp = emulated::warp();
  int lane = emulated::current % 32;
  memcpy(warp.a[lane], a, sizeof(warp.a[lane]));
  emulated::wait_warp();
  for (int n = 0; n < 8; n++) {
    for (int i = 0; i < 4; i++) {
      int row = lane / 4 + (i < 2 ? 0 : 8);
      for (int j = 0; j < 16; j++) {
        unsigned left = warp.a[row % 8 * 4 + j % 8 / 2][row / 8 + 2 * (j / 8)];
        float right = emulated_element(tile, k + j, n * 8 + lane % 4 * 2 + i % 2);
        c[n][i] += emulated_half(left, j % 2) * right;
      }
    }
  }
  emulated::wait_warp();
}
