// The halting head and the losses of a batch, and their gradients. IGNORED labels do not count.

#define IGNORED -100

// q (batch, 2) = W z[position 0] + bias; pitch elements lie between two samples of z. One warp a number.
template <typename T, int V>
__device__ void q_head(
    const T* z, const float* w, const float* bias, float* q, int batch, long long pitch, int d) {
  long long row = warp_row();
  if (row >= 2 * (long long)batch) {
    return;
  }
  const T* first = z + row / 2 * pitch;
  const float* weight = w + row % 2 * d;
  float sum = 0.0f;
  for (int i = lane_of() * V; i < d; i += 32 * V) {
    Pack<T, V> p = load<T, V>(first + i);
    for (int k = 0; k < V; k++) {
      sum += to_float(p.v[k]) * weight[i + k];
    }
  }
  sum = warp_sum(sum);
  if (lane_of() == 0) {
    q[row] = sum + bias[row % 2];
  }
}

#define Q_HEAD_PARAMETERS(T) \
  (const T* z, const float* w, const float* bias, float* q, int batch, long long pitch, int d)
FOR_EACH_TYPE(q_head, Q_HEAD_PARAMETERS, (z, w, bias, q, batch, pitch, d))

// dz[position 0] += dq W. One block a sample.
template <typename T, int V>
__device__ void q_head_states(const float* w, const float* dq, T* dz, long long pitch, int d) {
  T* first = dz + blockIdx.x * pitch;
  float halt = dq[2 * blockIdx.x];
  float go_on = dq[2 * blockIdx.x + 1];
  for (int i = threadIdx.x * V; i < d; i += blockDim.x * V) {
    Pack<T, V> p = load<T, V>(first + i);
    for (int k = 0; k < V; k++) {
      put(p.v[k], to_float(p.v[k]) + halt * w[i + k] + go_on * w[d + i + k]);
    }
    store<T, V>(first + i, p);
  }
}

#define Q_HEAD_STATES_PARAMETERS(T) (const float* w, const float* dq, T* dz, long long pitch, int d)
FOR_EACH_TYPE(q_head_states, Q_HEAD_STATES_PARAMETERS, (w, dq, dz, pitch, d))

// dw (2, d) and d_bias (2), each a sum over the samples in their order. One thread a column and row of
// W; grid: columns, 2.
template <typename T>
__device__ void q_head_weights(
    const T* z, const float* dq, float* dw, float* d_bias, int batch, long long pitch, int d) {
  int column = (int)(blockIdx.x * blockDim.x + threadIdx.x);
  int row = (int)blockIdx.y;
  if (column >= d) {
    return;
  }
  float sum = 0.0f;
  float of_bias = 0.0f;
  for (int b = 0; b < batch; b++) {
    float by = dq[2 * b + row];
    sum += by * to_float(z[b * pitch + column]);
    of_bias += by;
  }
  dw[row * d + column] = sum;
  if (column == 0) {
    d_bias[row] = of_bias;
  }
}

extern "C" __global__ void q_head_weights_f1(
    const float* z, const float* dq, float* dw, float* d_bias, int batch, long long pitch, int d) {
  q_head_weights<float>(z, dq, dw, d_bias, batch, pitch, d);
}

extern "C" __global__ void q_head_weights_b1(
    const bf16* z, const float* dq, float* dw, float* d_bias, int batch, long long pitch, int d) {
  q_head_weights<bf16>(z, dq, dw, d_bias, batch, pitch, d);
}

// What stablemax takes the share of: x + 1, or 1 / (1 - x) below 0.
__device__ inline float stable(float x) { return x < 0.0f ? 1.0f / (1.0f - x) : x + 1.0f; }

// Cross-entropy of one cell; dx = weight times its gradient.
__device__ inline float cell_loss_of(
    const float* x, float* dx, int label, int vocab, bool softmax, float smoothing, float weight,
    float largest) {
  float sum = 0.0f;
  for (int i = 0; i < vocab; i++) {
    sum += softmax ? expf(x[i] - largest) : stable(x[i]);
  }
  float root = logf(sum);
  float even = smoothing / vocab;
  float loss = 0.0f;
  for (int i = 0; i < vocab; i++) {
    float target = (i == label ? 1.0f - smoothing : 0.0f) + even;
    float s = softmax ? expf(x[i] - largest) : stable(x[i]);
    // d log s / d x: softmax 1, stablemax s below 0 and 1 / s above
    float slope = softmax ? 1.0f : x[i] < 0.0f ? s : 1.0f / s;
    dx[i] = weight * slope * (s / sum - target);
    if (target != 0.0f) {
      loss -= target * ((softmax ? x[i] - largest : logf(s)) - root);
    }
  }
  return loss;
}

// logits, d_logits (batch, prefix + length, vocab); seen (batch, 3): a row's mean loss, its correct and
// its counted cells. One block of 256 a sample, one thread a cell.
extern "C" __global__ void cell_loss(
    const float* logits, const int* labels, float* d_logits, float* seen, int length, int prefix,
    int vocab, int softmax, float smoothing, float scale) {
  int t = (int)threadIdx.x;
  long long sample = blockIdx.x;
  const int* wanted = labels + sample * length;
  long long at = sample * (prefix + length) * vocab;
  for (int i = t; i < prefix * vocab; i += blockDim.x) {
    d_logits[at + i] = 0.0f;
  }
  at += (long long)prefix * vocab;
  float count = 0.0f;
  for (int cell = t; cell < length; cell += blockDim.x) {
    count += wanted[cell] == IGNORED ? 0.0f : 1.0f;
  }
  count = block_sum(count);
  float loss = 0.0f;
  float correct = 0.0f;
  for (int cell = t; cell < length; cell += blockDim.x) {
    const float* x = logits + at + (long long)cell * vocab;
    float* dx = d_logits + at + (long long)cell * vocab;
    if (wanted[cell] == IGNORED) {
      for (int i = 0; i < vocab; i++) {
        dx[i] = 0.0f;
      }
      continue;
    }
    int best = 0;
    for (int i = 1; i < vocab; i++) {
      best = x[i] > x[best] ? i : best;
    }
    correct += best == wanted[cell] ? 1.0f : 0.0f;
    loss += cell_loss_of(
        x, dx, wanted[cell], vocab, softmax != 0, smoothing, scale / count, x[best]);
  }
  loss = block_sum(loss);
  correct = block_sum(correct);
  if (t == 0) {
    seen[3 * sample] = count > 0.0f ? loss / count : 0.0f;
    seen[3 * sample + 1] = correct;
    seen[3 * sample + 2] = count;
  }
}

// dq (batch, 2) = scale times the gradient of two binary cross-entropies: q_halt's target is whether a
// row is exact, q_continue's the sigmoid of the larger q of the next segment, or of its q_halt in a row's
// last segment. next null: no continue head.
extern "C" __global__ void halting_loss(
    const float* q, const float* seen, const float* next, const int* last, float* dq, int batch,
    float scale) {
  for (long long b = grid_begin(1); b < batch; b += grid_stride(1)) {
    float exact = seen[3 * b + 1] == seen[3 * b + 2] ? 1.0f : 0.0f;
    dq[2 * b] = scale * (sigmoid(q[2 * b]) - exact);
    float go_on = 0.0f;
    if (next != nullptr) {
      float best = last[b] != 0 ? next[2 * b] : fmaxf(next[2 * b], next[2 * b + 1]);
      go_on = scale * (sigmoid(q[2 * b + 1]) - sigmoid(best));
    }
    dq[2 * b + 1] = go_on;
  }
}
