// Curves over any numbers, on scales that are straight or logarithmic; a mark at one of them.
//
//     const chart = curves(place, { name: "loss", x: "linear", y: "log", xName: "epoch", pick });
//     chart.draw([{ name: "loss", x: [1, 2], y: [3.2, 2.9] }]);
//     chart.mark(2);                                     a line at x = 2
//
// What is no number, and on a logarithmic scale what is not above zero, is left out. least: x is shown
// from there on, at the latest. pick(x) is told where somebody has pointed. keys: what keys do,
// {ArrowLeft: () => ...}.

import { least as leastOf } from "d3-array";
import { pointer } from "d3-selection";
import { ends, numberAxis, roundEnds, scaleOf } from "drawing/axes.js";
import { useKeys } from "drawing/moving.js";
import { legend, plotIn, strokes } from "drawing/plot.js";
import { hush, say } from "drawing/tooltip.js";
import { widthOf } from "drawing/width.js";
import { written } from "numbers.js";

const MARGIN = { left: 58, right: 12, above: 8, below: 38 };
const NAME_BELOW = 32; // pixels of the name of an axis below it
const TICK = 90; // pixels of a number on the axis below

export function curves(place, options) {
  const { name, x: xKind = "linear", y: yKind = "linear", xName, height = 180, keys } = options;
  const plot = plotIn(place, { kind: "lines curves", margin: MARGIN }),
    { figure, svg } = plot;
  figure.attr("data-name", name);
  figure.insert("div", "figcaption").attr("class", "title").text(name);
  plot.caption.attr("class", "legend");
  if (keys) useKeys(plot.frame, `${name}: curves over ${xName}`, keys);
  const axisName = svg.append("text").attr("class", "axis-name").text(xName);
  let shown = [],
    x = null,
    marked = null;

  byPointing(svg, () => ({ shown, x }), options);
  const wide = widthOf(plot.frame, fit);

  function draw(series) {
    shown = series.map((one) => ({ name: one.name, points: pointsOf(one, xKind, yKind) }));
    legend(
      plot.caption,
      shown.map((one) => one.name),
    );
    fit();
  }

  function fit() {
    const points = shown.flatMap((one) => one.points);
    if (!wide()) return undefined;
    const inside = plot.size(wide(), height);
    x = null;
    if (points.length === 0) return strokes(plot.drawn, []);
    const y = scaleOf(yKind, roundEnds(valuesOf(points), yKind), inside.y);
    x = scaleOf(xKind, ends(acrossOf(points, options.least), xKind), inside.x);
    numberAxis(plot.below, "below", x, Math.max(2, wide() / TICK));
    numberAxis(plot.beside, "beside", y, 4);
    axisName.attr("x", (inside.x[0] + inside.x[1]) / 2).attr("y", inside.y[0] + NAME_BELOW);
    strokes(plot.drawn, shown, x, y);
    return mark(marked);
  }

  // At the nearest end where it is beyond; not where there is no such number on the scale.
  function mark(value) {
    marked = value;
    const isThere = x && value !== null && (xKind !== "log" || value > 0);
    const [left, right] = x?.range() ?? [];
    plot.mark(isThere ? Math.max(left, Math.min(x(value), right)) : null);
  }

  return { draw, mark };
}

// What the pointer picks, and what is said of where it is; now(): the curves, and their scale or none.
function byPointing(svg, now, { pick, xName }) {
  const leftOf = (event) => pointer(event, svg.node())[0];
  svg.on("pointerdown", (event) => now().x && pick?.(now().x.invert(leftOf(event))));
  svg.on("pointermove", (event) => {
    const { shown, x } = now();
    if (!x) return;
    if (event.buttons === 1) pick?.(x.invert(leftOf(event)));
    say(event, wordsNear(shown, x, leftOf(event), xName));
  });
  svg.on("pointerleave", hush);
}

const valuesOf = (points) => points.map(([, value]) => value);

// All that is on the scale below: it begins at `least`, if that is given, at the latest.
const acrossOf = (points, least) => [
  ...points.map(([k]) => k),
  ...(least === undefined ? [] : [least]),
];

// What the curves are at the nearest of their numbers.
function wordsNear(shown, x, left, xName) {
  const [near] = leastOf(
    shown.flatMap((one) => one.points),
    (point) => Math.abs(x(point[0]) - left),
  );
  const words = shown.flatMap((one) =>
    one.points.filter(([k]) => k === near).map(([, value]) => `${one.name} ${written(value)}`),
  );
  return `${xName} ${written(near)}: ${words.join(", ")}`;
}

function pointsOf({ x, y }, xKind, yKind) {
  const there = (value, kind) => Number.isFinite(value) && (kind !== "log" || value > 0);
  return Array.from(x, (k, j) => [k, y[j]]).filter(([k, v]) => there(k, xKind) && there(v, yKind));
}
