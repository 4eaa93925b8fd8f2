// Axes: names along steps, numbers beside them; each is built anew only where it has changed.

import { extent, max, range, ticks } from "d3-array";
import { axisBottom, axisLeft } from "d3-axis";
import { scaleLinear, scaleLog, tickFormat } from "d3-scale";
import { fitting, widthOfText } from "drawing/words.js";
import { writtenShort } from "numbers.js";

const LETTERS = "11px"; // as in the style sheet
const SHORT = 2; // factor, below which a logarithmic scale is nearly straight
const LONGEST = 78, // pixels of a name
  APART = 7; // between two of them

// x: a scale on which step k has its middle at x(k). As many names as there is room for.
export function stepAxis(group, x, names) {
  const isNew = `${x.range()} ${names.join()}`;
  drawn(group, isNew, () => {
    const words = names.map((name) => fitting(name, LONGEST, LETTERS));
    const longest = max(words, (word) => widthOfText(word, LETTERS));
    const every = Math.max(1, Math.ceil((longest + APART) / (x(1) - x(0))));
    return axisBottom(x)
      .tickValues(names.map((_, k) => k).filter((k) => k % every === 0))
      .tickFormat((k) => words[k]);
  });
}

// Rows of a map from above, with the numbers that they have.
export function rowAxis(group, y, numbers) {
  drawn(group, `${y.range()} ${numbers.join()}`, () =>
    axisLeft(y)
      .tickValues(y.ticks(Math.min(5, numbers.length)).filter(Number.isInteger))
      .tickFormat((k) => numbers[k]),
  );
}

const SIDES = { below: axisBottom, beside: axisLeft };
const PADDING = { below: 6, beside: 3 }; // so that the first two do not meet in the corner

// Numbers below or beside a drawing, about `count` of them, on a logarithmic scale at most twice as many.
export function numberAxis(group, side, scale, count) {
  const isLog = scale.base !== undefined;
  drawn(group, `${scale.range()} ${scale.domain()} ${count}`, () => {
    const axis = SIDES[side](scale).tickPadding(PADDING[side]);
    const [low, high] = scale.domain();
    return isLog
      ? logTicked(axis, [low, high], count)
      : axis.ticks(count).tickFormat(straight(low, high, count));
  });
}

// group.call(axis), if what it depends on is not what was drawn last.
function drawn(group, key, axis) {
  if (group.property("drawn") === key) return;
  group.property("drawn", key);
  group.call(axis().tickSize(3).tickSizeOuter(0));
}

const SCALES = { linear: scaleLinear, log: scaleLog };

// A scale of a kind, "linear" or "log".
export const scaleOf = (kind, domain, range) => SCALES[kind](domain, range);

// From the lowest number to the highest one; of one number alone, around it.
export function ends(values, kind) {
  const [low, high] = extent(values);
  if (low < high) return [low, high];
  return kind === "log" ? [low / 2, low * 2] : [low - 0.5, low + 0.5];
}

// The same to round numbers, for an axis.
export function roundEnds(values, kind) {
  const [low, high] = ends(values, kind);
  if (kind === "log" && high >= SHORT * low) return roundDecades(low, high);
  return scaleLinear([low, high], [0, 1]).nice().domain();
}

// 1, 2 and 5 with their tens, next to both ends.
function roundDecades(low, high) {
  const places = steps(Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)), [1, 2, 5]);
  return [places.findLast((one) => one <= low), places.find((one) => one >= high)];
}

// Numbers at equal distances, all with as many digits; with powers of ten where they are very small or large.
const straight = (low, high, count) => {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  return largest < 1e-3 || largest >= 1e5 ? writtenShort : tickFormat(low, high, count);
};

// A short stretch of a logarithmic scale has numbers at equal distances.
function logTicked(axis, [low, high], count) {
  const found = logTicks([low, high], count);
  return found.length > 1
    ? axis.tickValues(found).tickFormat(writtenShort)
    : axis.tickValues(ticks(low, high, count)).tickFormat(straight(low, high, count));
}

// 1, 2 and 5 with their tens where these are few, else powers of ten, or some of them.
export function logTicks([low, high], count) {
  const first = Math.floor(Math.log10(low)),
    last = Math.ceil(Math.log10(high));
  const seen = (found) => found.filter((one) => one >= low * 0.999 && one <= high * 1.001);
  const fine = seen(steps(first, last, [1, 2, 5]));
  if (fine.length <= 2 * count) return fine;
  const powers = seen(steps(first, last, [1])),
    every = Math.ceil(powers.length / (count + 1));
  if (powers.length < 2) return fine;
  return powers.filter((one) => Math.round(Math.log10(one)) % every === 0);
}

// All factors times 10^k, for k from first to last.
const steps = (first, last, factors) =>
  range(first, last + 1).flatMap((k) => factors.map((factor) => Number(`${factor}e${k}`)));
