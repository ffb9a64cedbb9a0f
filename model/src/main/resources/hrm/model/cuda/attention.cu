// Softmax attention without mask over qkv (batch per, 3 heads d): queries first, then keys, values.
// rope: (per, d) cosines, then (per, d) sines; null for none. Sums in float32, no score in memory.
// Grid of all: rows / warps of a block, heads, samples. d is at most 256.

#define MOST 8  // elements of a head that one lane holds: 256 / 32

// Element i of a head's vector x at position p, turned by its rotary angle.
template <typename T>
__device__ inline float turned(const T* x, const float* rope, int p, int per, int d, int i) {
  float own = to_float(x[i]);
  if (rope == nullptr) {
    return own;
  }
  int half = d / 2;
  float other = i < half ? -to_float(x[i + half]) : to_float(x[i - half]);
  return own * rope[p * d + i] + other * rope[(per + p) * d + i];
}

// The turn backwards, of a gradient: element i from itself and from its partner, d / 2 away.
__device__ inline float turned_back(
    const float* rope, int p, int per, int d, int i, float own, float other) {
  if (rope == nullptr) {
    return own;
  }
  float half = i < d / 2 ? other : -other;
  return own * rope[p * d + i] + half * rope[(per + p) * d + i];
}

// Where a head's vectors lie: element 0 of the query at position 0 of this block's sample and head.
__device__ inline long long head_base(int per, int heads, int d) {
  return (long long)blockIdx.z * per * 3 * heads * d + (long long)blockIdx.y * d;
}

// One warp a query.
template <typename T>
__device__ void attention(const T* qkv, const float* rope, T* y, int per, int heads, int d) {
  int query = (int)warp_row();
  if (query >= per) {
    return;
  }
  int lane = lane_of();
  int wide = heads * d;
  const T* base = qkv + head_base(per, heads, d);
  float scale = 1.0f / sqrtf((float)d);
  float q[MOST];
  float sum[MOST];
  for (int c = 0; c < MOST; c++) {
    int i = lane + 32 * c;
    q[c] = i < d ? turned(base + (long long)query * 3 * wide, rope, query, per, d, i) * scale : 0.0f;
    sum[c] = 0.0f;
  }
  float max = -INFINITE;
  float total = 0.0f;
  for (int key = 0; key < per; key++) {
    const T* k = base + (long long)key * 3 * wide + wide;
    float dot = 0.0f;
    for (int c = 0; c < MOST; c++) {
      int i = lane + 32 * c;
      if (i < d) {
        dot += q[c] * turned(k, rope, key, per, d, i);
      }
    }
    float score = warp_sum(dot);
    float higher = fmaxf(max, score);
    float keep = expf(max - higher);
    float p = expf(score - higher);
    max = higher;
    total = total * keep + p;
    for (int c = 0; c < MOST; c++) {
      int i = lane + 32 * c;
      if (i < d) {
        sum[c] = sum[c] * keep + p * to_float(k[wide + i]);
      }
    }
  }
  T* out = y + ((long long)blockIdx.z * per + query) * wide + (long long)blockIdx.y * d;
  for (int c = 0; c < MOST; c++) {
    int i = lane + 32 * c;
    if (i < d) {
      put(out[i], sum[c] / total);
    }
  }
}

extern "C" __global__ void attention_f1(
    const float* qkv, const float* rope, float* y, int per, int heads, int d) {
  attention<float>(qkv, rope, y, per, heads, d);
}

extern "C" __global__ void attention_b1(
    const bf16* qkv, const float* rope, bf16* y, int per, int heads, int d) {
  attention<bf16>(qkv, rope, y, per, heads, d);
}

// First half of the backward pass, one warp a query: dq, and for the second half stats (2, batch,
// heads, per): the logarithm of the softmax's sum, and dot = sum of p (dy . v).
template <typename T>
__device__ void attention_backward_queries(
    const T* qkv, const float* rope, const T* dy, T* dqkv, float* stats, int per, int heads, int d) {
  int query = (int)warp_row();
  if (query >= per) {
    return;
  }
  int lane = lane_of();
  int wide = heads * d;
  const T* base = qkv + head_base(per, heads, d);
  const T* g = dy + ((long long)blockIdx.z * per + query) * wide + (long long)blockIdx.y * d;
  float scale = 1.0f / sqrtf((float)d);
  float q[MOST];
  float grad[MOST];
  float dq[MOST];
  for (int c = 0; c < MOST; c++) {
    int i = lane + 32 * c;
    q[c] = i < d ? turned(base + (long long)query * 3 * wide, rope, query, per, d, i) * scale : 0.0f;
    grad[c] = i < d ? to_float(g[i]) : 0.0f;
    dq[c] = 0.0f;
  }
  float max = -INFINITE;
  float total = 0.0f;
  float dot = 0.0f;
  for (int key = 0; key < per; key++) {
    const T* k = base + (long long)key * 3 * wide + wide;
    float part = 0.0f;
    float part_v = 0.0f;
    for (int c = 0; c < MOST; c++) {
      int i = lane + 32 * c;
      if (i < d) {
        part += q[c] * turned(k, rope, key, per, d, i);
        part_v += grad[c] * to_float(k[wide + i]);
      }
    }
    float score = warp_sum(part);
    float dp = warp_sum(part_v);
    float higher = fmaxf(max, score);
    float keep = expf(max - higher);
    float p = expf(score - higher);
    max = higher;
    total = total * keep + p;
    dot = dot * keep + p * dp;
  }
  dot /= total;
  float log_sum = max + logf(total);
  for (int key = 0; key < per; key++) {
    const T* k = base + (long long)key * 3 * wide + wide;
    float part = 0.0f;
    float part_v = 0.0f;
    float turn[MOST];
    for (int c = 0; c < MOST; c++) {
      int i = lane + 32 * c;
      turn[c] = i < d ? turned(k, rope, key, per, d, i) : 0.0f;
      part += q[c] * turn[c];
      part_v += i < d ? grad[c] * to_float(k[wide + i]) : 0.0f;
    }
    float p = expf(warp_sum(part) - log_sum);
    float ds = p * (warp_sum(part_v) - dot) * scale;
    for (int c = 0; c < MOST; c++) {
      dq[c] += ds * turn[c];
    }
  }
  __shared__ float rows[8][256];
  float* mine = rows[threadIdx.x / 32];
  for (int c = 0; c < MOST; c++) {
    int i = lane + 32 * c;
    if (i < d) {
      mine[i] = dq[c];
    }
  }
  __syncwarp();
  T* out = dqkv + head_base(per, heads, d) + (long long)query * 3 * wide;
  for (int c = 0; c < MOST; c++) {
    int i = lane + 32 * c;
    if (i < d) {
      float other = mine[i < d / 2 ? i + d / 2 : i - d / 2];
      put(out[i], turned_back(rope, query, per, d, i, mine[i], other));
    }
  }
  if (lane == 0) {
    long long at = ((long long)blockIdx.z * heads + blockIdx.y) * per + query;
    stats[at] = log_sum;
    stats[(long long)gridDim.z * heads * per + at] = dot;
  }
}

extern "C" __global__ void attention_backward_queries_f1(
    const float* qkv, const float* rope, const float* dy, float* dqkv, float* stats, int per,
    int heads, int d) {
  attention_backward_queries<float>(qkv, rope, dy, dqkv, stats, per, heads, d);
}

extern "C" __global__ void attention_backward_queries_b1(
    const bf16* qkv, const float* rope, const bf16* dy, bf16* dqkv, float* stats, int per, int heads,
    int d) {
  attention_backward_queries<bf16>(qkv, rope, dy, dqkv, stats, per, heads, d);
}

// Second half, one warp a key: dk and dv, from the stats of the first half.
template <typename T>
__device__ void attention_backward_keys(
    const T* qkv, const float* rope, const T* dy, T* dqkv, const float* stats, int per, int heads,
    int d) {
  int key = (int)warp_row();
  if (key >= per) {
    return;
  }
  int lane = lane_of();
  int wide = heads * d;
  const T* base = qkv + head_base(per, heads, d);
  const T* own = base + (long long)key * 3 * wide + wide;
  float scale = 1.0f / sqrtf((float)d);
  float k[MOST];
  float v[MOST];
  float dk[MOST];
  float dv[MOST];
  for (int c = 0; c < MOST; c++) {
    int i = lane + 32 * c;
    k[c] = i < d ? turned(own, rope, key, per, d, i) : 0.0f;
    v[c] = i < d ? to_float(own[wide + i]) : 0.0f;
    dk[c] = 0.0f;
    dv[c] = 0.0f;
  }
  long long at = ((long long)blockIdx.z * heads + blockIdx.y) * per;
  long long dots = (long long)gridDim.z * heads * per;
  for (int query = 0; query < per; query++) {
    const T* x = base + (long long)query * 3 * wide;
    const T* g = dy + ((long long)blockIdx.z * per + query) * wide + (long long)blockIdx.y * d;
    float part = 0.0f;
    float part_v = 0.0f;
    float turn[MOST];
    float grad[MOST];
    for (int c = 0; c < MOST; c++) {
      int i = lane + 32 * c;
      turn[c] = i < d ? turned(x, rope, query, per, d, i) * scale : 0.0f;
      grad[c] = i < d ? to_float(g[i]) : 0.0f;
      part += k[c] * turn[c];
      part_v += v[c] * grad[c];
    }
    float p = expf(warp_sum(part) - stats[at + query]);
    float ds = p * (warp_sum(part_v) - stats[dots + at + query]);
    for (int c = 0; c < MOST; c++) {
      dk[c] += ds * turn[c];
      dv[c] += p * grad[c];
    }
  }
  __shared__ float rows[8][256];
  float* mine = rows[threadIdx.x / 32];
  for (int c = 0; c < MOST; c++) {
    int i = lane + 32 * c;
    if (i < d) {
      mine[i] = dk[c];
    }
  }
  __syncwarp();
  T* out = dqkv + head_base(per, heads, d) + (long long)key * 3 * wide + wide;
  for (int c = 0; c < MOST; c++) {
    int i = lane + 32 * c;
    if (i < d) {
      float other = mine[i < d / 2 ? i + d / 2 : i - d / 2];
      put(out[i], turned_back(rope, key, per, d, i, mine[i], other));
      put(out[wide + i], dv[c]);
    }
  }
}

extern "C" __global__ void attention_backward_keys_f1(
    const float* qkv, const float* rope, const float* dy, float* dqkv, const float* stats, int per,
    int heads, int d) {
  attention_backward_keys<float>(qkv, rope, dy, dqkv, stats, per, heads, d);
}

extern "C" __global__ void attention_backward_keys_b1(
    const bf16* qkv, const float* rope, const bf16* dy, bf16* dqkv, const float* stats, int per,
    int heads, int d) {
  attention_backward_keys<bf16>(qkv, rope, dy, dqkv, stats, per, heads, d);
}
