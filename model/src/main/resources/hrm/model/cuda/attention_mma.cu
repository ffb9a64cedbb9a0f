// Attention on tensor cores for bfloat16 and heads of 16, 32, 64 or 128 elements; arguments as in
// attention.cu. A warp holds 16 queries, their running maxima, sums and outputs in registers; keys
// and values come through shared memory, KEYS at a time, turned on the way (FlashAttention-2, arXiv
// 2307.08691). Fragments are explained in mma.cuh. Block: 32 threads for each 16 queries, at most 8 warps.

#define KEYS 64

template <int D>
__device__ void attention_mma(
    const bf16* qkv, const float* rope, bf16* y, int per, int heads) {
  const int key_pitch = D + 8;  // 4 banks a row: the 8 rows of a fragment read 32 banks
  const int value_pitch = KEYS + 8;
  const int half = D / 2;
  alignas(16) __shared__ bf16 keys[KEYS * key_pitch];   // (KEYS, D)
  alignas(16) __shared__ bf16 values[D * value_pitch];  // (D, KEYS)
  int lane = lane_of();
  int g = lane / 4;
  int t = lane % 4;
  int wide = heads * D;
  const bf16* base =
      qkv + (long long)blockIdx.z * per * 3 * wide + (long long)blockIdx.y * D;
  int first = (blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32) * 16;

  unsigned q[D / 16][4];
#pragma unroll
  for (int c = 0; c < D / 16; c++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      int row = first + g + (j % 2) * 8;
      const bf16* x = base + (long long)(row < per ? row : 0) * 3 * wide;
      q[c][j] = query_pair<D>(x, rope, row, per, c * 16 + 2 * t + (j / 2) * 8);
    }
  }
  float out[D / 8][4];
#pragma unroll
  for (int c = 0; c < D / 8; c++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      out[c][j] = 0.0f;
    }
  }
  float max[2] = {-INFINITE, -INFINITE};  // of rows g and g + 8
  float total[2] = {0.0f, 0.0f};          // this lane's share of the sums
  const float scale = 1.4426950408889634f / sqrtf((float)D);  // log2(e) / sqrt(d)

  for (int from = 0; from < per; from += KEYS) {
    __syncthreads();  // the keys before these have been read
    for (int e = threadIdx.x; e < KEYS * (D / 4); e += blockDim.x) {
      int key = e / (D / 4);
      int i = e % (D / 4) * 2;
      int p = from + key;
      Pack<bf16, 2> k0 = {}, k1 = {}, v0 = {}, v1 = {};
      if (p < per) {
        const bf16* x = base + (long long)p * 3 * wide + wide;
        k0 = load<bf16, 2>(x + i);
        k1 = load<bf16, 2>(x + i + half);
        v0 = load<bf16, 2>(x + wide + i);
        v1 = load<bf16, 2>(x + wide + i + half);
        if (rope != nullptr) {
          const float* cosine = rope + p * D + i;
          const float* sine = rope + (per + p) * D + i;
          for (int j = 0; j < 2; j++) {
            float low = to_float(k0.v[j]);
            float high = to_float(k1.v[j]);
            put(k0.v[j], low * cosine[j] - high * sine[j]);
            put(k1.v[j], high * cosine[half + j] + low * sine[half + j]);
          }
        }
      }
      store<bf16, 2>(keys + key * key_pitch + i, k0);
      store<bf16, 2>(keys + key * key_pitch + i + half, k1);
      for (int j = 0; j < 2; j++) {
        values[(i + j) * value_pitch + key] = v0.v[j];
        values[(i + half + j) * value_pitch + key] = v1.v[j];
      }
    }
    __syncthreads();

    float s[KEYS / 8][4];
#pragma unroll
    for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
      for (int j = 0; j < 4; j++) {
        s[n][j] = 0.0f;
      }
      const bf16* row = keys + (n * 8 + g) * key_pitch + 2 * t;
#pragma unroll
      for (int c = 0; c < D / 16; c++) {
        mma(s[n], q[c], *reinterpret_cast<const unsigned*>(row + c * 16),
            *reinterpret_cast<const unsigned*>(row + c * 16 + 8));
      }
#pragma unroll
      for (int j = 0; j < 4; j++) {
        bool there = from + n * 8 + 2 * t + (j % 2) < per;
        s[n][j] = there ? s[n][j] * scale : -INFINITE;
      }
    }
#pragma unroll
    for (int h = 0; h < 2; h++) {
      float higher = max[h];
#pragma unroll
      for (int n = 0; n < KEYS / 8; n++) {
        higher = fmaxf(higher, fmaxf(s[n][2 * h], s[n][2 * h + 1]));
      }
      higher = fmaxf(higher, __shfl_xor_sync(0xffffffffu, higher, 1));
      higher = fmaxf(higher, __shfl_xor_sync(0xffffffffu, higher, 2));
      float keep = exp2f(max[h] - higher);
      max[h] = higher;
      total[h] *= keep;
#pragma unroll
      for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
        for (int j = 2 * h; j < 2 * h + 2; j++) {
          s[n][j] = exp2f(s[n][j] - higher);
          total[h] += s[n][j];
        }
      }
#pragma unroll
      for (int c = 0; c < D / 8; c++) {
        out[c][2 * h] *= keep;
        out[c][2 * h + 1] *= keep;
      }
    }
#pragma unroll
    for (int n = 0; n < KEYS / 16; n++) {
      unsigned p[4] = {
          pair_of(s[2 * n][0], s[2 * n][1]), pair_of(s[2 * n][2], s[2 * n][3]),
          pair_of(s[2 * n + 1][0], s[2 * n + 1][1]), pair_of(s[2 * n + 1][2], s[2 * n + 1][3])};
#pragma unroll
      for (int c = 0; c < D / 8; c++) {
        const bf16* column = values + (c * 8 + g) * value_pitch + n * 16 + 2 * t;
        mma(out[c], p, *reinterpret_cast<const unsigned*>(column),
            *reinterpret_cast<const unsigned*>(column + 8));
      }
    }
  }

#pragma unroll
  for (int h = 0; h < 2; h++) {
    total[h] += __shfl_xor_sync(0xffffffffu, total[h], 1);
    total[h] += __shfl_xor_sync(0xffffffffu, total[h], 2);
    int row = first + g + 8 * h;
    if (row < per) {
      bf16* to = y + ((long long)blockIdx.z * per + row) * wide + (long long)blockIdx.y * D + 2 * t;
#pragma unroll
      for (int c = 0; c < D / 8; c++) {
        *reinterpret_cast<unsigned*>(to + c * 8) =
            pair_of(out[c][2 * h] / total[h], out[c][2 * h + 1] / total[h]);
      }
    }
  }
}

#define ATTENTION_MMA(D)                                                        \
  extern "C" __global__ void __launch_bounds__(256) attention_mma_##D(          \
      const bf16* qkv, const float* rope, bf16* y, int per, int heads) {        \
    attention_mma<D>(qkv, rope, y, per, heads);                                 \
  }
ATTENTION_MMA(16)
ATTENTION_MMA(32)
ATTENTION_MMA(64)
ATTENTION_MMA(128)
