// Arrays of samples, (N, T, K), or (N, K) where they have no steps, and products of vectors.

import { Numbers } from "numbers.js";

export const zeros = (...shape) => new Numbers(new Float64Array(count(shape)), shape);

export const count = (shape) => shape.reduce((a, b) => a * b, 1);

// T; 1 where there is no axis of steps.
export const stepsOf = (a) => (a.shape.length === 3 ? a.shape[1] : 1);

// K: length of the last axis.
export const widthOf = (a) => a.shape[a.shape.length - 1];

// Row number r, a vector along the last axis, without a copy.
export const rowOf = (a, r) => a.values.subarray(r * widthOf(a), (r + 1) * widthOf(a));

// y += a M, of vectors a (n) and y (m), and the numbers of a matrix M (n, m); or of as many columns as y
// has, from the first on, of a wider one.
export function addProduct(a, M, y, columns = y.length, first = 0) {
  const m = y.length;
  for (let q = 0; q < a.length; q++) {
    const factor = a[q],
      at = q * columns + first;
    for (let k = 0; k < m; k++) y[k] += factor * M[at + k];
  }
}
