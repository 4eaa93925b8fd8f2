// How well numbers follow something, from 0, not at all, to 1, entirely.

// The share of the variance of values that lies between groups, eta squared = SS_between / SS_total.
// Source: Fisher 1925, "Statistical Methods for Research Workers" (Pearson's correlation ratio).
export function etaSquared(values, groups, count) {
  const sums = new Float64Array(count), sizes = new Float64Array(count), whole = mean(values);
  values.forEach((value, k) => {
    sums[groups[k]] += value - whole;
    sizes[groups[k]] += 1;
  });
  const between = sums.reduce((sum, one, g) => (sizes[g] ? sum + one ** 2 / sizes[g] : sum), 0);
  return share(between, sumOfSquares(values, whole));
}

// The share of the variance of values that a cos(angle) + b sin(angle) + c explains, R squared, from
// the correlations of the three: the circular-linear correlation.  Source: Mardia 1976.
export function ofPhase(values, angles) {
  const cos = angles.map(Math.cos), sin = angles.map(Math.sin);
  const a = correlation(values, cos), b = correlation(values, sin), c = correlation(cos, sin);
  return share(a ** 2 + b ** 2 - 2 * a * b * c, 1 - c ** 2);
}

// Pearson's r; 0 where one of both is constant.
export function correlation(x, y) {
  const a = mean(x), b = mean(y);
  const sum = x.reduce((all, value, k) => all + (value - a) * (y[k] - b), 0);
  const size = Math.sqrt(sumOfSquares(x, a) * sumOfSquares(y, b));
  return size > 0 ? sum / size : 0;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const sumOfSquares = (values, middle) => values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
const share = (part, whole) => (whole > 1e-12 ? Math.max(0, Math.min(1, part / whole)) : 0);
