// Arrays as Python wrote them: a shape, and the numbers in the order of the last axis.

const KINDS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array };

export class Numbers {
  constructor(values, shape) {
    this.values = values;
    this.shape = shape;
  }

  // The number at an index: table.at(sample, time, unit).
  at(...index) {
    return this.values[this.place(index)];
  }

  // All numbers below an index, without a copy: table.below(sample, time) has those of all units.
  below(...index) {
    const size = this.shape.slice(index.length).reduce((a, b) => a * b, 1);
    const start = this.place([...index, ...this.shape.slice(index.length).fill(0)]);
    return this.values.subarray(start, start + size);
  }

  // The same as Numbers, below an index of the first axis.
  part(k) {
    return new Numbers(this.below(k), this.shape.slice(1));
  }

  place(index) {
    return index.reduce((at, k, axis) => at * this.shape[axis] + k, 0);
  }
}

// What stands in the page, its arrays as Numbers.
export function read(text) {
  return JSON.parse(text, (key, value) => (value?.base64 === undefined ? value : decoded(value)));
}

function decoded({ base64, dtype, shape }) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Numbers(new KINDS[dtype](bytes.buffer), shape);
}

// Of a flat array every number `apart` numbers after the one before it, as those of one unit.
export function everyOf(values, first, apart) {
  return Float64Array.from(
    { length: Math.ceil((values.length - first) / apart) },
    (_, k) => values[first + k * apart],
  );
}

// A number of a step, or that there is none: at a masked step there are no gates.
export function writtenAtStep(value, digits) {
  return Number.isNaN(value) ? "masked" : written(value, digits);
}

// A whole number from 0 to count - 1: the nearest one.
export const within = (k, count) => Math.max(0, Math.min(Math.floor(k), count - 1));

// A number in as many digits as can be compared by eye.
export function written(value, digits = 4) {
  if (value === undefined || value === null || Number.isNaN(value)) return "";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value).replace("-", "\u2212");
  const size = Math.abs(value);
  const text = size >= 1e-3 && size < 1e5 ? value.toFixed(digits) : value.toExponential(2);
  return text.replaceAll("-", "\u2212");
}

// A round number on an axis or a scale: 0.05, 200, 2e-5.
export function writtenShort(value) {
  if (value === 0) return "0";
  const power = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  const text =
    power < -2 || power > 4
      ? `${+(value / 10 ** power).toPrecision(3)}e${power}`
      : `${+value.toPrecision(3)}`;
  return text.replaceAll("-", "\u2212");
}

export const percent = (share) => `${Math.round(100 * share)} %`;
