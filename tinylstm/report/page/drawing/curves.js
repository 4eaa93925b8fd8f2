// Curves over any numbers, on scales that are straight or logarithmic; a mark at one of them.
//
//     const chart = curves(place, { name: "loss", x: "linear", y: "log", xName: "epoch", pick });
//     chart.draw([{ name: "loss", x: [1, 2], y: [3.2, 2.9] }]);
//     chart.mark(2);                                     a line at x = 2
//
// What is no number, and on a logarithmic scale what is not above zero, is left out. least: x is shown
// from there on, at the latest. pick(x) is told where somebody has pointed. keys: what keys do,
// {ArrowLeft: () => ...}.

import { extent } from "d3-array";
import { axisBottom, axisLeft } from "d3-axis";
import { scaleLinear, scaleLog } from "d3-scale";
import { pointer, select } from "d3-selection";
import { line } from "d3-shape";
import { DASHES, LINES, colour } from "drawing/colours.js";
import { hush, say } from "drawing/tooltip.js";
import { widthOf } from "drawing/width.js";
import { written } from "numbers.js";

const LEFT = 58,
  BELOW = 38,
  RIGHT = 12,
  ABOVE = 8;
const SCALES = { linear: scaleLinear, log: scaleLog };

export function curves(
  place,
  {
    name,
    x: xKind = "linear",
    y: yKind = "linear",
    xName,
    least = Infinity,
    height = 180,
    pick,
    keys,
  },
) {
  const figure = select(place)
    .append("figure")
    .attr("class", "lines curves")
    .attr("data-name", name);
  figure.append("div").attr("class", "title").text(name);
  const legend = figure.append("figcaption").attr("class", "legend");
  const frame = figure.append("div").attr("class", "frame");
  const svg = frame.append("svg");
  if (keys) useKeys(frame, `${name}: curves over ${xName}`, keys);
  svg.attr("aria-hidden", "true");
  const below = svg.append("g").attr("class", "axis"),
    beside = svg.append("g").attr("class", "axis");
  const axisName = svg
    .append("text")
    .attr("class", "axis-name")
    .attr("text-anchor", "middle")
    .text(xName);
  const drawn = svg.append("g"),
    at = svg.append("line").attr("class", "at").attr("visibility", "hidden");
  let shown = [],
    x = null,
    marked = null;

  const chosen = (event) => pick?.(x.invert(pointer(event, svg.node())[0]));
  svg.on("pointerdown", chosen);
  svg.on("pointermove", (event) => {
    if (event.buttons === 1) chosen(event);
    tell(event);
  });
  svg.on("pointerleave", hush);
  const wide = widthOf(frame, fit);

  // What the curves are at the nearest of their numbers.
  function tell(event) {
    if (!x || shown.every((one) => one.points.length === 0)) return;
    const wanted = pointer(event, svg.node())[0];
    const near = shown
      .flatMap((one) => one.points)
      .reduce((a, b) => (Math.abs(x(a[0]) - wanted) <= Math.abs(x(b[0]) - wanted) ? a : b));
    const words = shown.flatMap((one) =>
      one.points.filter(([k]) => k === near[0]).map(([, v]) => `${one.name} ${written(v)}`),
    );
    say(event, `${xName} ${written(near[0])}: ${words.join(", ")}`);
  }

  function draw(series) {
    shown = series.map((one) => ({ ...one, points: pointsOf(one, xKind, yKind) }));
    legend
      .selectAll("span")
      .data(shown)
      .join("span")
      .attr("class", "key")
      .attr("data-dash", (_, k) => dash(k))
      .style("--colour", (_, k) => colour(k))
      .text((one) => one.name);
    fit();
  }

  function fit() {
    const points = shown.flatMap((one) => one.points),
      whole = wide();
    if (!whole) return;
    svg.attr("width", whole).attr("height", height + ABOVE + BELOW);
    drawn.selectAll("*").remove();
    if (points.length === 0) return;
    x = SCALES[xKind](ends([...points.map(([k]) => k), least].filter(Number.isFinite), xKind), [
      LEFT,
      Math.max(LEFT + 10, whole - RIGHT),
    ]);
    const y = SCALES[yKind](
      ends(
        points.map(([, v]) => v),
        yKind,
      ),
      [height + ABOVE, ABOVE],
    ).nice();
    below
      .attr("transform", `translate(0,${height + ABOVE})`)
      .call(ticked, axisBottom(x), Math.max(2, whole / 90), xKind);
    beside.attr("transform", `translate(${LEFT},0)`).call(ticked, axisLeft(y), 4, yKind);
    axisName.attr("x", (LEFT + whole - RIGHT) / 2).attr("y", height + ABOVE + BELOW - 6);
    shown.forEach((one, k) => {
      drawn
        .append("path")
        .style("stroke", colour(k))
        .attr("stroke-dasharray", DASHES[dash(k)])
        .attr(
          "d",
          line()
            .x((p) => x(p[0]))
            .y((p) => y(p[1]))(one.points),
        );
      const dots =
        one.points.length > 1 && one.points.length <= 40 ? one.points : one.points.slice(0, 1);
      drawn
        .selectAll(null)
        .data(dots)
        .join("circle")
        .attr("r", 2.5)
        .style("fill", colour(k))
        .attr("cx", (p) => x(p[0]))
        .attr("cy", (p) => y(p[1]));
    });
    mark(marked);
  }

  function mark(value) {
    marked = value;
    if (!x || value === null || (xKind === "log" && !(value > 0)))
      return at.attr("visibility", "hidden");
    const place = Math.max(x.range()[0], Math.min(x(value), x.range()[1]));
    at.attr("visibility", null)
      .attr("x1", place)
      .attr("x2", place)
      .attr("y1", ABOVE)
      .attr("y2", height + ABOVE);
  }

  return { draw, mark };
}

function pointsOf({ x, y }, xKind, yKind) {
  const there = (value, kind) => Number.isFinite(value) && (kind !== "log" || value > 0);
  return Array.from(x, (k, j) => [k, y[j]]).filter(([k, v]) => there(k, xKind) && there(v, yKind));
}

// From the lowest number to the highest; of one number alone, around it.
function ends(values, kind) {
  const [low, high] = extent(values);
  if (low < high) return [low, high];
  return kind === "log" ? [low / 2, low * 2] : [low - 0.5, low + 0.5];
}

// Powers of ten on a logarithmic scale, as 10 with an exponent: "1e-5"; few enough to be read.
function ticked(group, axis, count, kind) {
  if (kind === "log") {
    const [low, high] = axis.scale().domain().map(Math.log10),
      powers = [];
    const every = Math.max(
      1,
      Math.ceil((Math.floor(Math.max(low, high)) - Math.ceil(Math.min(low, high))) / count),
    );
    for (let k = Math.ceil(Math.min(low, high)); k <= Math.max(low, high) + 1e-9; k++)
      if (k % every === 0) powers.push(10 ** k);
    axis
      .tickValues(powers.length > 1 ? powers : axis.scale().ticks(3))
      .tickFormat((v) =>
        Number.isInteger(Math.log10(v)) && (v < 1e-2 || v > 1e4)
          ? `1e${Math.round(Math.log10(v))}`
          : written(v, 2),
      );
  } else axis.ticks(count);
  group.call(axis.tickSize(3).tickSizeOuter(0));
}

function useKeys(place, name, keys) {
  place.attr("tabindex", 0).attr("role", "application").attr("aria-label", name);
  place.on("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
}

// Where colours come again, they have another pattern.
function dash(k) {
  return (k + Math.floor(k / LINES)) % DASHES.length;
}
