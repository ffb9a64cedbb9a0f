// Optimizer steps, averages and norms, over float32 parameters.

// AdamATan2: p -= lr wd p, then p -= rate atan2(m, sqrt(v) / root2); rate = lr / (1 - b1^t), root2 =
// sqrt(1 - b2^t). atan2(0, 0) is 0.
extern "C" __global__ void adam_atan2(
    float* p, const float* g, float* m, float* v, long long n, float keep, float rate, float root2,
    float beta1, float beta2, float scale) {
  for (long long i = grid_begin(1); i < n; i += grid_stride(1)) {
    float gradient = g[i] * scale;
    float first = m[i] + (1.0f - beta1) * (gradient - m[i]);
    float second = v[i] + (1.0f - beta2) * (gradient * gradient - v[i]);
    m[i] = first;
    v[i] = second;
    p[i] = p[i] * keep - rate * atan2f(first, sqrtf(second) / root2);
  }
}

// AdamW: as adam_atan2, with m / (sqrt(v) / root2 + 1e-8) for the angle.
extern "C" __global__ void adam_w(
    float* p, const float* g, float* m, float* v, long long n, float keep, float rate, float root2,
    float beta1, float beta2) {
  for (long long i = grid_begin(1); i < n; i += grid_stride(1)) {
    float gradient = g[i];
    float first = m[i] + (1.0f - beta1) * (gradient - m[i]);
    float second = v[i] + (1.0f - beta2) * (gradient * gradient - v[i]);
    m[i] = first;
    v[i] = second;
    p[i] = p[i] * keep - rate * first / (sqrtf(second) / root2 + 1e-8f);
  }
}

// average = decay average + (1 - decay) p; either may be of a gradient.
extern "C" __global__ void average(const float* p, float* average, long long n, float decay) {
  for (long long i = grid_begin(1); i < n; i += grid_stride(1)) {
    average[i] = average[i] * decay + p[i] * (1.0f - decay);
  }
}

// parts[block] = sum of squares of what the block walks over. Blocks of 256.
extern "C" __global__ void squares(const float* x, float* parts, long long n) {
  float sum = 0.0f;
  for (long long i = grid_begin(1); i < n; i += grid_stride(1)) {
    sum += x[i] * x[i];
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = sum;
  }
}

// x /= norm + eps, of the sum of all parts.
extern "C" __global__ void normalise(float* x, const float* parts, int count, long long n, float eps) {
  float sum = 0.0f;
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
    sum += parts[i];
  }
  float scale = 1.0f / (sqrtf(block_sum(sum)) + eps);
  for (long long i = grid_begin(1); i < n; i += grid_stride(1)) {
    x[i] *= scale;
  }
}
