// A map of units by steps: a colour a number, a cross at the cursor.
//
//     const map = unitMap(place, page, { name: "f", title: "f: forget gate" });
//     map.draw({ values, span, masked, names });     another sample, layer or run
//     map.mark();                                    the cursor has moved
//
// values(time, unit) gives a number; masked(time) whether the step is grey. With along: "sample" the
// columns are samples, where these have one step each, and values, masked and names are of samples.

import { scaleLinear } from "d3-scale";
import { axisLeft } from "d3-axis";
import { pointer, select } from "d3-selection";
import { stepAxis } from "drawing/axes.js";
import { MASKED, gradient, pixel, pixelsOf } from "drawing/colours.js";
import { byKeys, byPointer, ofUnits } from "drawing/moving.js";
import { hush, say } from "drawing/tooltip.js";
import { widthOf } from "drawing/width.js";
import { within, written } from "numbers.js";

const LEFT = 30,
  BELOW = 20,
  RIGHT = 4;

export function unitMap(place, page, { name, title }) {
  const figure = select(place).append("figure").attr("class", "map").attr("data-name", name);
  const caption = figure.append("figcaption");
  caption.append("span").attr("class", "title").text(title);
  const scale = caption.append("span").attr("class", "scale");
  const low = scale.append("span"),
    strip = scale.append("span").attr("class", "strip");
  const high = scale.append("span");
  const frame = figure.append("div").attr("class", "frame");
  byKeys(frame, page, `${title}: map of units by steps`, ofUnits(page));
  const canvas = frame.append("canvas");
  const svg = frame.append("svg").attr("aria-hidden", "true");
  const below = svg.append("g").attr("class", "axis"),
    beside = svg.append("g").attr("class", "axis");
  const column = svg.append("rect").attr("class", "cross"),
    row = svg.append("rect").attr("class", "cross");
  const note = figure.append("p").attr("class", "note");
  let shown = null,
    width = 0,
    height = 0;

  byPointer(svg, page, placeAt);
  svg.on("pointermove.say", (event) => {
    const at = placeAt(event),
      column = at[shown.along],
      what = shown.along === "time" ? "step" : "sample";
    const value = shown.masked(column) ? "masked" : written(shown.values(column, at.unit));
    say(
      event,
      `${name} of unit ${page.layer().shown[at.unit]} at ${what} ${shown.names[column]}: ${value}`,
    );
  });
  svg.on("pointerleave", hush);
  const wide = widthOf(frame, fit);

  function placeAt(event) {
    const [x, y] = pointer(event, svg.node());
    const column = Math.floor(((x - LEFT) / width) * shown.steps);
    const unit = Math.floor((y / height) * shown.units);
    return { [shown.along]: within(column, shown.steps), unit: within(unit, shown.units) };
  }

  function draw({ values, span, masked = () => false, names, units, text = "", along = "time" }) {
    const before = shown;
    shown = { values, span, masked, names, units, along, steps: names.length };
    paint(canvas.node(), shown);
    note.text(text);
    if (before && sameAxes(before, shown)) return;
    low.text(rounded(span[0]));
    high.text(rounded(span[1]));
    strip.style("background", gradient(span));
    fit();
  }

  function fit() {
    const whole = wide();
    if (!shown || !whole) return;
    width = Math.max(10, whole - LEFT - RIGHT);
    height = Math.max(60, Math.min(200, shown.units * 8));
    canvas.style("left", `${LEFT}px`).style("width", `${width}px`).style("height", `${height}px`);
    svg.attr("width", whole).attr("height", height + BELOW);
    const x = scaleLinear([-0.5, shown.steps - 0.5], [LEFT, LEFT + width]);
    const y = scaleLinear([-0.5, shown.units - 0.5], [0, height]);
    below.attr("transform", `translate(0,${height})`).call(stepAxis, x, shown.names);
    const ticks = y.ticks(Math.min(5, shown.units)).filter(Number.isInteger);
    const numbers = page.layer().shown;
    beside.attr("transform", `translate(${LEFT},0)`);
    beside.call(
      axisLeft(y)
        .tickValues(ticks)
        .tickFormat((k) => numbers[k])
        .tickSize(3)
        .tickSizeOuter(0),
    );
    mark();
  }

  function mark() {
    const { unit } = page.cursor,
      wide = width / shown.steps,
      high = height / shown.units;
    const at = within(page.cursor[shown.along], shown.steps);
    column
      .attr("x", LEFT + at * wide)
      .attr("y", 0)
      .attr("width", wide)
      .attr("height", height);
    row
      .attr("x", LEFT)
      .attr("y", unit * high)
      .attr("width", width)
      .attr("height", high);
  }

  return { draw, mark };
}

// The end of a span, which is a round number, however small.
function rounded(value) {
  return String(+value.toPrecision(2)).replace("-", "\u2212");
}

function sameAxes(a, b) {
  const names = a.steps === b.steps && a.names.every((name, k) => name === b.names[k]);
  return names && a.units === b.units && String(a.span) === String(b.span);
}

// A pixel a number; the style sheet lets pixels stay pixels.
function paint(canvas, { values, span, masked, steps, units }) {
  canvas.width = steps;
  canvas.height = units;
  const context = canvas.getContext("2d"),
    image = context.createImageData(steps, units);
  const pixels = new Uint32Array(image.data.buffer),
    colour = pixelsOf(span),
    grey = pixel(MASKED);
  for (let time = 0; time < steps; time++) {
    const hidden = masked(time);
    for (let unit = 0; unit < units; unit++)
      pixels[unit * steps + time] = hidden ? grey : colour(values(time, unit));
  }
  context.putImageData(image, 0, 0);
}
