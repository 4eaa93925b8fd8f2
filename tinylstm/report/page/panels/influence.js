// Which input mattered for an output: the norm of d y_t / d x_s, exact, of the recorded pass.

import { max, maxIndex } from "d3-array";
import { scaleLinear } from "d3-scale";
import { axisLeft } from "d3-axis";
import { pointer, select } from "d3-selection";
import { stepAxis } from "drawing/axes.js";
import { MASKED, css, inkOn, pixel, pixelsOf } from "drawing/colours.js";
import { byKeys } from "drawing/moving.js";
import { hush, say } from "drawing/tooltip.js";
import { widthOf } from "drawing/width.js";
import { written } from "numbers.js";

export const title = "Which input mattered";
export const recorded = true;

const LEFT = 48,
  BELOW = 22,
  RIGHT = 8,
  ABOVE = 6,
  HIGH = 110;
const NOTHING = `rgb(${MASKED.join(" ")})`; // no influence at all
const LETTERS = 60; // inputs that have a box each, at most

export function panel(place, page) {
  const { influence } = page.data,
    root = select(place);
  if (influence.why) {
    place.append(`The influence of the inputs is not on the page. ${influence.why}`);
    return undefined;
  }
  const about = root.append("p").attr("class", "note");
  const letters = root.append("div").attr("class", "letters");
  const row = bars(root, page);
  const map = influence.outputs.length > 1 ? matrix(root, page) : null;

  function draw(isNew) {
    const { sample } = page.cursor,
      k = outputAt(page);
    const values = influence.norms.below(sample, k),
      names = inputNames(page);
    const span = [0, max(values) || 1];
    about.text(sentence(page, k, values, names));
    if (names.length <= LETTERS) boxes(letters, page, values, names, span);
    row.draw(values, names, span, isNew);
    map?.draw(names, isNew);
  }

  return (changes) => {
    if (changes.has("sample")) draw(true);
    else if (changes.has("time")) draw(false);
  };
}

// The inputs as boxes, the darker the more they move the output.
function boxes(letters, page, values, names, span) {
  const go = (event) =>
    page.move(inputPlace(page, letters.selectAll("button").nodes().indexOf(event.currentTarget)));
  letters
    .selectAll("button")
    .data(names)
    .join("button")
    .attr("type", "button")
    .attr("tabindex", -1)
    .text((name) => name)
    .attr("title", (_, k) => written(values[k]))
    .on("click", go)
    .style("background", (_, k) => (values[k] === 0 ? NOTHING : css(values[k], span)))
    .style("color", (_, k) => (values[k] === 0 ? "#000" : inkOn(values[k], span)));
}

// Which of the outputs, places on the page, is nearest to the cursor, and which of the inputs is at it.
function outputAt(page) {
  const { outputs } = page.data.influence,
    { time } = page.cursor;
  return outputs.reduce(
    (best, t, k) => (Math.abs(t - time) < Math.abs(outputs[best] - time) ? k : best),
    0,
  );
}

function inputAt(page) {
  const { time, sample } = page.cursor,
    steps = page.data.input.x.shape[1];
  return page.data.influence.across ? sample * steps + Math.min(time, steps - 1) : time;
}

function inputPlace(page, k) {
  const steps = page.data.input.x.shape[1];
  return page.data.influence.across
    ? { sample: Math.floor(k / steps), time: k % steps }
    : { time: k };
}

function inputNames(page) {
  if (!page.data.influence.across) return page.names(page.cursor.sample);
  return page.data.samples.shown.flatMap((number, n) =>
    page.data.input.x.shape[1] === 1 ? [page.sampleNames()[n]] : page.names(n),
  );
}

function outputName(page, k) {
  const { outputs, first, all } = page.data.influence;
  return all === 1 ? "the answer" : `the output of step ${first + outputs[k]}`;
}

function sentence(page, k, values, names) {
  const { outputs, all, across } = page.data.influence,
    { input, samples } = page.data;
  const sample = page.shown(page.cursor.sample),
    unit = input.numbers ? "its row in the Embedding" : "x";
  const some = input.first > 0 || (across && samples.shown.length < samples.all);
  const which = some ? "input on the page" : "input",
    best = maxIndex(values);
  const most =
    values[best] > 0
      ? `The ${which} that moves it most is ${named(page, best, names)}, by ${written(values[best])} for a unit of ${unit}.`
      : `No ${which} moves it.`;
  const left =
    outputs.length < all ? ` ${outputs.length} of the ${all} outputs are on the page.` : "";
  return `How much each input moves ${outputName(page, k)} of sample ${sample}, of the recorded pass. ${most}${left}`;
}

// An input in words: its step, or where it may be of another sample its name.
function named(page, k, names) {
  return page.data.influence.across
    ? `"${names[k]}"`
    : `step ${page.stepName(page.cursor.sample, k)}`;
}

// A bar an input.
function bars(root, page) {
  const frame = root.append("div").attr("class", "frame bars");
  byKeys(frame, page, "Influence of each input: bars over steps");
  const svg = frame.append("svg").attr("aria-hidden", "true");
  const below = svg.append("g").attr("class", "axis"),
    beside = svg.append("g").attr("class", "axis");
  const drawn = svg.append("g");
  let shown = null,
    x = null;
  const inputOf = (event) =>
    Math.max(
      0,
      Math.min(Math.round(x.invert(pointer(event, svg.node())[0])), shown.names.length - 1),
    );
  svg.on("pointerdown", (event) => page.move(inputPlace(page, inputOf(event))));
  svg.on("pointermove", (event) =>
    say(event, `input ${shown.names[inputOf(event)]}: ${written(shown.values[inputOf(event)])}`),
  );
  svg.on("pointerleave", hush);
  const frameWidth = widthOf(frame, fit);

  function fit() {
    const whole = frameWidth();
    if (!shown || !whole) return;
    const { values, names } = shown;
    svg.attr("width", whole).attr("height", HIGH + ABOVE + BELOW);
    x = scaleLinear([-0.5, names.length - 0.5], [LEFT, Math.max(LEFT + 10, whole - RIGHT)]);
    const wide = Math.max(1, 0.8 * (x(1) - x(0)));
    below.attr("transform", `translate(0,${HIGH + ABOVE})`).call(stepAxis, x, names);
    beside.attr("transform", `translate(${LEFT},0)`);
    drawn
      .selectAll("rect")
      .data(values)
      .join("rect")
      .attr("x", (_, k) => x(k) - wide / 2)
      .attr("width", wide);
    paint();
  }

  function paint() {
    const { values, span } = shown,
      y = scaleLinear(span, [HIGH + ABOVE, ABOVE]),
      here = inputAt(page);
    beside.call(axisLeft(y).ticks(3).tickSize(3));
    drawn
      .selectAll("rect")
      .data(values)
      .attr("class", (_, k) => (k === here ? "bar here" : "bar"))
      .attr("data-value", (value) => value)
      .attr("y", y)
      .attr("height", (value) => HIGH + ABOVE - y(value));
  }

  return {
    draw(values, names, span, isNew) {
      shown = { values: Array.from(values), names, span };
      if (isNew) fit();
      else paint();
    },
  };
}

// All outputs by all inputs of the sample; a click goes to the step of the output.
function matrix(root, page) {
  const { norms, outputs, first } = page.data.influence;
  const figure = root.append("figure").attr("class", "map");
  figure
    .append("figcaption")
    .append("span")
    .attr("class", "title")
    .text("All outputs, from above, by all inputs; grey: no influence at all");
  const frame = figure.append("div").attr("class", "frame"),
    canvas = frame.append("canvas");
  const svg = frame.append("svg").attr("aria-hidden", "true");
  const below = svg.append("g").attr("class", "axis"),
    beside = svg.append("g").attr("class", "axis");
  const line = svg.append("rect").attr("class", "cross");
  let names = null,
    x = null,
    y = null;
  const within = (k, count) => Math.max(0, Math.min(Math.round(k), count - 1));
  const at = (event) => {
    const [left, top] = pointer(event, svg.node());
    return [within(y.invert(top), outputs.length), within(x.invert(left), names.length)];
  };
  svg.on("pointerdown", (event) => page.move({ time: outputs[at(event)[0]] }));
  svg.on("pointermove", (event) => {
    const [k, s] = at(event);
    say(
      event,
      `output ${first + outputs[k]} by input ${names[s]}: ${written(norms.at(page.cursor.sample, k, s))}`,
    );
  });
  svg.on("pointerleave", hush);
  const frameWidth = widthOf(frame, fit);

  function draw(of, isNew) {
    names = of;
    if (isNew) {
      paint();
      fit();
    } else mark();
  }

  function paint() {
    const values = norms.below(page.cursor.sample),
      context = canvas.node().getContext("2d");
    canvas.attr("width", names.length).attr("height", outputs.length);
    const image = context.createImageData(names.length, outputs.length),
      nothing = pixel(MASKED);
    const colour = pixelsOf([0, max(values) || 1]);
    new Uint32Array(image.data.buffer).set(
      Uint32Array.from(values, (value) => (value === 0 ? nothing : colour(value))),
    );
    context.putImageData(image, 0, 0);
  }

  function fit() {
    const whole = frameWidth(),
      width = Math.max(10, whole - LEFT - RIGHT);
    if (!names || !whole) return;
    const height = Math.max(60, Math.min(240, outputs.length * 14));
    canvas.style("left", `${LEFT}px`).style("width", `${width}px`).style("height", `${height}px`);
    svg.attr("width", whole).attr("height", height + BELOW);
    x = scaleLinear([-0.5, names.length - 0.5], [LEFT, LEFT + width]);
    y = scaleLinear([-0.5, outputs.length - 0.5], [0, height]);
    below.attr("transform", `translate(0,${height})`).call(stepAxis, x, names);
    beside.attr("transform", `translate(${LEFT},0)`);
    beside.call(
      axisLeft(y)
        .tickValues(y.ticks(5).filter(Number.isInteger))
        .tickFormat((k) => first + outputs[k])
        .tickSize(3)
        .tickSizeOuter(0),
    );
    mark();
  }

  function mark() {
    if (!x) return;
    line.attr("x", x.range()[0]).attr("width", x.range()[1] - x.range()[0]);
    line.attr("y", y(outputAt(page) - 0.5)).attr("height", y(1) - y(0));
  }

  return { draw };
}
