// Is the backward pass the derivative of the forward pass? Each tensor's worst element, and how the
// error of a difference depends on its step.

import { max } from "d3-array";
import { select } from "d3-selection";
import { curves } from "drawing/curves.js";
import { tableIn } from "drawing/table.js";
import { written } from "numbers.js";

export const title = "Gradient check";
export const recorded = true;

const FORMULA =
  "(8 (L(a + h) \u2212 L(a \u2212 h)) \u2212 (L(a + 2h) \u2212 L(a \u2212 2h))) / 12h";
const HEAD = ["tensor", "normwise error", "worst element", "backward", "difference", ""];

export function panel(place, page) {
  const { checks } = page.data,
    root = select(place);
  if (checks.why) {
    place.append(checks.why);
    return;
  }
  const said = root.append("p").attr("class", checks.passed ? "right" : "wrong");
  said.text(verdict(checks));
  root.append("p").attr("class", "note").text(whatIsCompared(checks));
  table(root, checks);
  const curved = checks.tensors.filter((one) => one.errors);
  const chart = curves(root.append("div").node(), {
    name: "Relative error of a difference by its step h, at the largest gradient of each tensor",
    ...{ x: "log", y: "log", xName: "step h", height: 220 },
  });
  chart.draw(
    curved.map((one) => ({ name: one.name, x: checks.steps.values, y: one.errors.values })),
  );
  root.append("p").attr("class", "note").text(whatTheCurvesSay(checks));
}

function verdict({ tensors, passed, limit }) {
  const isFinite = tensors.every((one) => one.error !== null),
    worst = isFinite ? max(tensors, (one) => one.error) : null;
  return `${passed ? "Right" : "Wrong"}: the worst error is ${small(worst)}, the limit ${small(limit)}.`;
}

function whatIsCompared({ samples, elements, unit, from_random }) {
  const starts = from_random
    ? "It starts from zeros, or from the state that the model has, and once more from random states. "
    : "";
  return (
    `The backward pass against differences of the loss, ${FORMULA}, of the first ` +
    `${samples === 1 ? "sample" : `${samples} samples`}, in float64; of each tensor at most ${elements} ` +
    `elements, half of them those with the largest gradients. ${starts}` +
    `Both are in ${unit} for 1 more of the element. ` +
    "The normwise error is the largest gap over the largest gradient of the tensor."
  );
}

function whatTheCurvesSay({ tensors }) {
  const flat = tensors.filter((one) => !one.errors).map((one) => one.name);
  const without = flat.length
    ? ` The curves are of the first start; no gradient, and so no curve, have there: ${flat.join(", ")}.`
    : "";
  return (
    "To the right the step is too long: what of the loss bends adds an error that falls as h\u2074 (truncation). " +
    "To the left it is too short: what is rounded in L is divided by h, and the error rises as 1/h (rounding)." +
    without
  );
}

function table(root, { tensors }) {
  const box = root.append("div").attr("class", "scrolled").node();
  const made = tableIn(box, {
    ...{ kind: "checked", head: HEAD },
    columns: [
      { text: (one) => one.name },
      { kind: "error", text: (one) => small(one.error) },
      { text: (one) => one.place },
      { kind: "backward", text: (one) => precise(one.backward) },
      { kind: "difference", text: (one) => precise(one.difference) },
      { text: (one) => (one.right ? "right" : ["wrong", one.relation].filter(Boolean).join(": ")) },
    ],
  });
  made.rows(tensors, (one) => one.name);
}

const small = (value) =>
  value === null ? "not finite" : value.toExponential(1).replace("-", "\u2212");
const precise = (value) =>
  value !== 0 && Math.abs(value) < 1e-3 ? tiny(value) : written(value, 9);
const tiny = (value) =>
  value === null ? "not finite" : value.toExponential(8).replaceAll("-", "\u2212");
