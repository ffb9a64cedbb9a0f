// SwiGLU over gateUp (rows, 2 inter), the gate in front.

// y = silu(gate) up. One block a row.
template <typename T, int V>
__device__ void swiglu(const T* gate_up, T* y, int inter) {
  const T* gate = gate_up + (long long)blockIdx.x * 2 * inter;
  for (int i = threadIdx.x * V; i < inter; i += blockDim.x * V) {
    Pack<T, V> g = load<T, V>(gate + i);
    Pack<T, V> u = load<T, V>(gate + inter + i);
    for (int k = 0; k < V; k++) {
      put(g.v[k], gated(to_float(g.v[k]), to_float(u.v[k]), T()));
    }
    store<T, V>(y + (long long)blockIdx.x * inter + i, g);
  }
}

#define SWIGLU_PARAMETERS(T) (const T* gate_up, T* y, int inter)
FOR_EACH_TYPE(swiglu, SWIGLU_PARAMETERS, (gate_up, y, inter))

// One block a row.
template <typename T, int V>
__device__ void swiglu_backward(const T* gate_up, const T* dy, T* d_gate_up, int inter) {
  long long at = (long long)blockIdx.x * 2 * inter;
  for (int i = threadIdx.x * V; i < inter; i += blockDim.x * V) {
    Pack<T, V> g = load<T, V>(gate_up + at + i);
    Pack<T, V> u = load<T, V>(gate_up + at + inter + i);
    Pack<T, V> d = load<T, V>(dy + (long long)blockIdx.x * inter + i);
    for (int k = 0; k < V; k++) {
      float x = to_float(g.v[k]);
      float up = to_float(u.v[k]);
      float grad = to_float(d.v[k]);
      float s = sigmoid(x);
      put(g.v[k], grad * up * s * (1.0f + x * (1.0f - s)));
      put(u.v[k], grad * x * s);
    }
    store<T, V>(d_gate_up + at + i, g);
    store<T, V>(d_gate_up + at + inter + i, u);
  }
}

#define SWIGLU_BACKWARD_PARAMETERS(T) (const T* gate_up, const T* dy, T* d_gate_up, int inter)
FOR_EACH_TYPE(swiglu_backward, SWIGLU_BACKWARD_PARAMETERS, (gate_up, dy, d_gate_up, inter))

// 1 / rms(gate up) of this warp's row.
template <typename T, int V>
__device__ float inverse_rms(const T* gate, int inter, float eps) {
  float squares = 0.0f;
  for (int i = lane_of() * V; i < inter; i += 32 * V) {
    Pack<T, V> g = load<T, V>(gate + i);
    Pack<T, V> u = load<T, V>(gate + inter + i);
    for (int k = 0; k < V; k++) {
      float product = to_float(g.v[k]) * to_float(u.v[k]);
      squares += product * product;
    }
  }
  return 1.0f / sqrtf(warp_sum(squares) / inter + eps);
}

// y = sigmoid(gate) rms(gate up). One warp a row.
template <typename T, int V>
__device__ void swiglu_norm(const T* gate_up, T* y, int rows, int inter, float eps) {
  long long row = warp_row();
  if (row >= rows) {
    return;
  }
  const T* gate = gate_up + row * 2 * inter;
  float inverse = inverse_rms<T, V>(gate, inter, eps);
  for (int i = lane_of() * V; i < inter; i += 32 * V) {
    Pack<T, V> g = load<T, V>(gate + i);
    Pack<T, V> u = load<T, V>(gate + inter + i);
    for (int k = 0; k < V; k++) {
      float x = to_float(g.v[k]);
      put(g.v[k], x * to_float(u.v[k]) * inverse * sigmoid(x));
    }
    store<T, V>(y + row * inter + i, g);
  }
}

#define SWIGLU_NORM_PARAMETERS(T) (const T* gate_up, T* y, int rows, int inter, float eps)
FOR_EACH_TYPE(swiglu_norm, SWIGLU_NORM_PARAMETERS, (gate_up, y, rows, inter, eps))

// One warp a row.
template <typename T, int V>
__device__ void swiglu_norm_backward(
    const T* gate_up, const T* dy, T* d_gate_up, int rows, int inter, float eps) {
  long long row = warp_row();
  if (row >= rows) {
    return;
  }
  const T* gate = gate_up + row * 2 * inter;
  T* out = d_gate_up + row * 2 * inter;
  float inverse = inverse_rms<T, V>(gate, inter, eps);
  float dot = 0.0f;  // of the normed product and its gradient
  for (int i = lane_of() * V; i < inter; i += 32 * V) {
    Pack<T, V> g = load<T, V>(gate + i);
    Pack<T, V> u = load<T, V>(gate + inter + i);
    Pack<T, V> d = load<T, V>(dy + row * inter + i);
    for (int k = 0; k < V; k++) {
      float x = to_float(g.v[k]);
      dot += x * to_float(u.v[k]) * inverse * to_float(d.v[k]) * sigmoid(x);
    }
  }
  float mean = warp_sum(dot) / inter;
  for (int i = lane_of() * V; i < inter; i += 32 * V) {
    Pack<T, V> g = load<T, V>(gate + i);
    Pack<T, V> u = load<T, V>(gate + inter + i);
    Pack<T, V> d = load<T, V>(dy + row * inter + i);
    for (int k = 0; k < V; k++) {
      float x = to_float(g.v[k]);
      float up = to_float(u.v[k]);
      float grad = to_float(d.v[k]);
      float s = sigmoid(x);
      float normed = x * up * inverse;
      float d_product = (grad * s - normed * mean) * inverse;
      put(g.v[k], d_product * up + grad * normed * s * (1.0f - s));
      put(u.v[k], d_product * x);
    }
    store<T, V>(out + i, g);
    store<T, V>(out + inter + i, u);
  }
}

#define SWIGLU_NORM_BACKWARD_PARAMETERS(T) \
  (const T* gate_up, const T* dy, T* d_gate_up, int rows, int inter, float eps)
FOR_EACH_TYPE(
    swiglu_norm_backward, SWIGLU_NORM_BACKWARD_PARAMETERS, (gate_up, dy, d_gate_up, rows, inter, eps))
