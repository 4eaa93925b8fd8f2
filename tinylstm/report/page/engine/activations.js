// Activations of single numbers, and their derivatives as functions of what they put out.

export const ACTIVATION = {
  linear: (z) => z,
  tanh: (z) => Math.tanh(z),
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  relu: (z) => Math.max(z, 0),
  hard_sigmoid: (z) => clip(z / 6 + 0.5), // Keras 3
  hard_sigmoid_keras2: (z) => clip(0.2 * z + 0.5), // Keras 1 and 2
  elu: (z) => (z > 0 ? z : Math.expm1(z)),
  gelu: (z) => 0.5 * z * (1 + erf(z / Math.SQRT2)),
};

// Of the activations that a gate may have.
export const DERIVATIVE = {
  linear: () => 1,
  tanh: (a) => 1 - a * a,
  sigmoid: (a) => a * (1 - a),
  relu: (a) => (a > 0 ? 1 : 0),
  hard_sigmoid: (a) => (a > 0 && a < 1 ? 1 / 6 : 0),
  hard_sigmoid_keras2: (a) => (a > 0 && a < 1 ? 0.2 : 0),
};

const clip = (a) => Math.min(Math.max(a, 0), 1);

// The error function: 2 / sqrt(pi) e^(-x x) times the sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)).
function erf(x) {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x,
    total = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

// y = exp(z - max z) / sum exp(z - max z), of one row z.
export function softmax(z) {
  const largest = z.reduce((a, b) => Math.max(a, b), -Infinity);
  const e = z.map((one) => Math.exp(one - largest));
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((one) => one / total);
}
