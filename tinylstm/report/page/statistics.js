// How well numbers follow something: 1, entirely; 0, no more than noise does, which is as often a little
// below 0 as above.
//
// Of noise the means of g groups explain a share of (g - 1) / (n - 1) on average. So variances are compared,
// in which SS_within is divided by n - g and SS_total by n - 1.

const ROUNDING = 1e-12; // of a sum of squares: the numbers come in float32

// epsilon^2 = 1 - (SS_within / (n - g)) / (SS_total / (n - 1)), of g groups that have numbers.
// Source: Kelley 1935, "An unbiased correlation ratio measure".
export function ofGroups(values, groups, count) {
  const sums = new Float64Array(count),
    sizes = new Float64Array(count),
    middle = mean(values);
  values.forEach((value, k) => {
    sums[groups[k]] += value - middle;
    sizes[groups[k]] += 1;
  });
  const between = sums.reduce((sum, one, g) => (sizes[g] ? sum + one ** 2 / sizes[g] : sum), 0);
  return beyondChance(between, spread(values), values.length, sizes.filter((size) => size).length);
}

// The same of a cos(angle) + b sin(angle) + c, three numbers: R squared, from the correlations, is the
// circular-linear correlation.  Source: Mardia 1976; without what chance has, Ezekiel 1930.
export function ofPhase(values, angles) {
  const cos = angles.map(Math.cos),
    sin = angles.map(Math.sin);
  const a = correlation(values, cos),
    b = correlation(values, sin),
    c = correlation(cos, sin);
  const apart = 1 - c ** 2 > ROUNDING && spread(values) > 0;
  return beyondChance(a ** 2 + b ** 2 - 2 * a * b * c, apart ? 1 - c ** 2 : 0, values.length, 3);
}

// Pearson's r; 0 where one of both is constant.
export function correlation(x, y) {
  const a = mean(x),
    b = mean(y),
    size = Math.sqrt(spread(x) * spread(y));
  return size > 0 ? x.reduce((sum, value, k) => sum + (value - a) * (y[k] - b), 0) / size : 0;
}

// The share that a model of so many parameters explains of n numbers, less what it explains of noise; 0
// where there is nothing to explain, or a parameter for each.
function beyondChance(explained, whole, n, parameters) {
  if (!(whole > 0) || n <= parameters) return 0;
  const left = Math.max(0, 1 - explained / whole);
  return 1 - (left * (n - 1)) / (n - parameters);
}

// SS_total; 0 where the values are one but for rounding.
function spread(values) {
  const found = sumOfSquares(values, mean(values));
  return found > ROUNDING * sumOfSquares(values, 0) ? found : 0;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const sumOfSquares = (values, middle) =>
  values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
