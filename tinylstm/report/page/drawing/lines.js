// Lines over steps: a colour and a pattern each, so that they can be told apart without colours.
//
//     const chart = lines(place, page, { name: "gates of the unit" });
//     chart.draw({ series: [{ name: "f", values }], names, span: [0, 1] });
//     chart.mark();
//
// A series may have `dots: true` (marks instead of a line) and `first`, the step of its first number.
// With along: "sample" there is a sample at each place, and not a step. With log: true the scale is
// logarithmic, and what is not above zero is left out.

import { extent } from "d3-array";
import { axisLeft } from "d3-axis";
import { scaleLinear, scaleLog } from "d3-scale";
import { pointer, select } from "d3-selection";
import { line } from "d3-shape";
import { stepAxis } from "drawing/axes.js";
import { DASHES, colour } from "drawing/colours.js";
import { byKeys, byPointer, ofUnits } from "drawing/moving.js";
import { hush, say } from "drawing/tooltip.js";
import { widthOf } from "drawing/width.js";
import { writtenAtStep } from "numbers.js";

const LEFT = 40,
  BELOW = 22,
  RIGHT = 8,
  ABOVE = 6;

export function lines(place, page, { name, height = 200, units = true }) {
  const figure = select(place).append("figure").attr("class", "lines");
  const legend = figure.append("figcaption").attr("class", "legend");
  const frame = figure.append("div").attr("class", "frame");
  byKeys(frame, page, `${name}: lines over steps`, units ? ofUnits(page) : {});
  const svg = frame.append("svg").attr("aria-hidden", "true");
  const below = svg.append("g").attr("class", "axis"),
    beside = svg.append("g").attr("class", "axis");
  const zero = svg.append("line").attr("class", "zero");
  const drawn = svg.append("g"),
    at = svg.append("line").attr("class", "at");
  let shown = null,
    x = null;

  byPointer(svg, page, (event) => ({ [shown.along]: placeAt(event) }));
  svg.on("pointermove.say", (event) => {
    const at = placeAt(event),
      what = shown.along === "time" ? "step" : "sample";
    const words = shown.series.map(
      (one) => `${one.name} ${writtenAtStep(one.values[at - (one.first ?? 0)])}`,
    );
    say(event, `${what} ${shown.names[at]}: ${words.join(", ")}`);
  });
  svg.on("pointerleave", hush);
  const wide = widthOf(frame, fit);

  function placeAt(event) {
    const [left] = pointer(event, svg.node());
    return Math.max(0, Math.min(Math.round(x.invert(left)), shown.names.length - 1));
  }

  function draw({
    series,
    names,
    log = false,
    span = log ? decadesOf(series) : spanOf(series),
    along = "time",
  }) {
    shown = { series, names, span, along, log };
    legend
      .selectAll("span")
      .data(series)
      .join("span")
      .attr("class", "key")
      .attr("data-dash", (_, k) => Math.floor(k / 2) % DASHES.length)
      .style("--colour", (_, k) => colour(k))
      .text((one) => one.name);
    fit();
  }

  function fit() {
    const whole = wide();
    if (!shown || !whole) return;
    const { series, names, span, log } = shown;
    svg.attr("width", whole).attr("height", height + BELOW + ABOVE);
    x = scaleLinear([-0.5, names.length - 0.5], [LEFT, Math.max(LEFT + 10, whole - RIGHT)]);
    const y = (log ? scaleLog : scaleLinear)(span, [height + ABOVE, ABOVE]);
    below.attr("transform", `translate(0,${height + ABOVE})`).call(stepAxis, x, names);
    beside.attr("transform", `translate(${LEFT},0)`).call(
      axisLeft(y)
        .ticks(5, log ? ".0e" : undefined)
        .tickSize(3),
    );
    const crosses = span[0] < 0 && span[1] > 0,
      level = crosses ? y(0) : 0;
    zero
      .attr("x1", LEFT)
      .attr("x2", x(names.length - 0.5))
      .attr("y1", level)
      .attr("y2", level);
    zero.attr("visibility", crosses ? null : "hidden");
    drawn
      .selectAll("path")
      .data(series.filter((one) => !one.dots))
      .join("path")
      .style("stroke", (one) => colour(series.indexOf(one)))
      .attr(
        "stroke-dasharray",
        (one) => DASHES[Math.floor(series.indexOf(one) / 2) % DASHES.length],
      )
      .attr("d", (one) =>
        line()
          .defined((value) => (log ? value > 0 : Number.isFinite(value)))
          .x((_, k) => x(k + (one.first ?? 0)))
          .y((value) => y(value))(one.values),
      );
    const dots = series
      .flatMap((one, k) => dotsOf(one, k))
      .filter(({ value }) => (log ? value > 0 : Number.isFinite(value)));
    drawn
      .selectAll("circle")
      .data(dots)
      .join("circle")
      .attr("r", (one) => (one.ring ? 5 : 3))
      .style("fill", (one) => (one.ring ? "none" : colour(one.k)))
      .style("stroke", (one) => colour(one.k))
      .attr("cx", (one) => x(one.time))
      .attr("cy", (one) => y(one.value));
    mark();
  }

  function mark() {
    if (!x) return;
    const place = x(Math.min(page.cursor[shown.along], shown.names.length - 1));
    at.attr("x1", place)
      .attr("x2", place)
      .attr("y1", ABOVE)
      .attr("y2", height + ABOVE);
  }

  return { draw, mark };
}

// A line of one number has no length, so it is a dot; every number of few has one.
function dotsOf(one, k) {
  if (!one.dots && one.values.length > 12) return [];
  return Array.from(one.values, (value, j) => ({
    value,
    k,
    time: j + (one.first ?? 0),
    ring: one.ring,
  }));
}

// The powers of ten around all numbers above zero, twelve of them at most.
function decadesOf(series) {
  const [least, most] = extent(
    series.flatMap((one) => Array.from(one.values).filter((value) => value > 0)),
  );
  if (least === undefined) return [0.1, 1];
  const high = Math.ceil(Math.log10(most) + 1e-9),
    low = Math.floor(Math.log10(least));
  return [10 ** Math.max(low, high - 12), 10 ** high];
}

// From the lowest number to the highest, to round ends.
function spanOf(series) {
  const [low = 0, high = 0] = extent(
    series.flatMap((one) => Array.from(one.values).filter(Number.isFinite)),
  );
  return scaleLinear(low < high ? [low, high] : [low - 1, high + 1], [0, 1])
    .nice()
    .domain();
}
