// The input as letters, words or a curve; what the model answers, and what would have been right.

import { select } from "d3-selection";
import { answer, likeliest } from "drawing/answers.js";
import { css, inkOn } from "drawing/colours.js";
import { lines } from "drawing/lines.js";
import { byKeys } from "drawing/moving.js";
import { written } from "numbers.js";

export const title = "Input, prediction, target";

const LIKELY = 5; // classes that are listed
const FEATURES = 4; // lines of x that are drawn
const SHARE = [0, 1];

export function panel(place, page) {
  const root = select(place).append("div").attr("class", "side-by-side");
  const left = root.append("div"),
    right = root.append("div");
  const draws = [page.data.named ? letters(left, page) : curve(left, page)];
  if (page.data.input.kind === "classes") draws.push(likely(right, page));
  else draws.push(values(right, page), outputs(left, page));
  return (changes) => draws.forEach((draw) => draw(changes));
}

// A box a step, or a sample where each has one step; below it the answer that belongs to it.
function letters(root, page) {
  const along = page.along(),
    row = root.append("div").attr("class", "letters");
  byKeys(row, page, along === "time" ? "The input, a box a step" : "The input, a box a sample");
  const numbers = root.append("p").attr("class", "note");
  const go = (event) =>
    page.move({ [along]: row.selectAll("button").nodes().indexOf(event.currentTarget) });
  return (changes) => {
    const { sample, time } = page.cursor;
    if (changes.has("run") || (changes.has("sample") && along === "time")) {
      const names =
        along === "time" ? page.namesNow(sample, page.run.array("x")) : page.sampleNames();
      const buttons = row
        .selectAll("button")
        .data(names)
        .join("button")
        .attr("type", "button")
        .attr("tabindex", -1)
        .on("click", go);
      buttons
        .text((name) => name)
        .filter((_, k) => answers(page, along))
        .append("small")
        .each(function (_, k) {
          const { text, wrong } = answerAt(
            page,
            along === "time" ? sample : k,
            along === "time" ? [k] : [],
          );
          select(this).text(text).classed("wrong", wrong);
        });
    }
    row
      .selectAll("button")
      .classed("here", (_, k) => k === page.cursor[along])
      .attr("aria-current", (_, k) => (k === page.cursor[along] ? "step" : null));
    const x = page.run.array("x").below(sample, Math.min(time, page.names(sample).length - 1));
    const read = Array.from(x.subarray(0, 12), (value) => written(value)).join(", ");
    numbers.text(`The model reads ${read}${x.length > 12 ? ", ..." : ""}`);
  };
}

// Whether there is an answer for each box.
function answers(page, along) {
  const steps = page.run.array("y_hat").shape.length === 3;
  return page.data.input.kind === "classes" && steps === (along === "time");
}

function answerAt(page, sample, place) {
  const { y } = page.data.input;
  const found = likeliest(page.run.array("y_hat").below(sample, ...placeOf(page, place)));
  const target = y === null ? found : targetOf(y, sample, placeOf(page, place)),
    wrong = found !== target;
  const text = wrong
    ? `\u2717 ${className(page, found)}, right: ${className(page, target)}`
    : `\u2192 ${className(page, found)}`;
  return { text, wrong };
}

// A line a feature.
function curve(root, page) {
  const x = () => page.run.array("x"),
    features = x().shape[2];
  const names = Array.from({ length: Math.min(features, FEATURES) }, (_, k) =>
    features === 1 ? "x" : `x ${k}`,
  );
  return chartOf(root, page, "The input", page.along(), page.names, () =>
    names.map((name, k) => [name, x(), k]),
  );
}

// The first output where it is a number, beside what would have been right: over steps or samples.
function outputs(root, page) {
  const { shape } = page.run.array("y_hat"),
    { y } = page.data.input,
    steps = shape.length === 3;
  if (!steps && shape[0] === 1) return () => {};
  const along = steps ? page.along() : "sample",
    target = y ? [["target", y, 0]] : [];
  const name = steps ? "prediction" : "prediction of each sample";
  return chartOf(root, page, "The output", along, page.outputNames, () => [
    [name, page.run.array("y_hat"), 0],
    ...target,
  ]);
}

// Lines over steps, with their names, or samples of what series() gives: [name, array, place on its
// last axis].
function chartOf(root, page, name, along, stepNames, series) {
  const chart = lines(root.append("div").node(), page, { name, height: 130, units: false });
  return (changes) => {
    if (changes.has("run") || (changes.has("sample") && along === "time")) {
      const { sample } = page.cursor,
        shown = series(),
        [, { shape }] = shown[0];
      const at = along === "time" ? (k) => [sample, k] : (k) => [k, ...shape.slice(2).map(() => 0)];
      const names = along === "time" ? stepNames(sample) : page.sampleNames();
      const valuesOf = (array, k) =>
        Float32Array.from(names, (_, place) => array.at(...at(place), k));
      chart.draw({
        series: shown.map(([name, array, k]) => ({ name, values: valuesOf(array, k) })),
        names,
        along,
      });
    }
    chart.mark();
  };
}

// The likeliest classes at the cursor.
function likely(root, page) {
  const { input } = page.data;
  const table = root.append("table").attr("class", "likely");
  table.append("caption");
  const body = table.append("tbody");
  return () => {
    const { sample, time } = page.cursor,
      place = placeOf(page, [time]);
    const shares = page.run.array("y_hat").below(sample, ...place);
    const target = input.y === null ? null : targetOf(input.y, sample, place);
    const order = Array.from(shares, (_, k) => k)
      .sort((a, b) => shares[b] - shares[a])
      .slice(0, LIKELY);
    if (target !== null && !order.includes(target)) order.push(target);
    const right = target === null ? "" : `; right is ${className(page, target)}`;
    table.select("caption").text(`Prediction: ${answer(page, shares)}${right}`);
    const rows = body.selectAll("tr").data(order).join(newRow);
    rows.select("th").text((k) => className(page, k));
    rows
      .select(".share")
      .style("background", (k) => css(shares[k], SHARE))
      .style("color", (k) => inkOn(shares[k], SHARE))
      .text((k) => written(shares[k]));
    rows.select(".is-right").text((k) => (k === target ? "\u2190 target" : ""));
  };
}

function newRow(enter) {
  const row = enter.append("tr");
  row.append("th").attr("scope", "row");
  row.append("td").attr("class", "share");
  row.append("td").attr("class", "is-right");
  return row;
}

// Outputs that are numbers, at the cursor.
function values(root, page) {
  const { input } = page.data;
  const table = root.append("table").attr("class", "values");
  const head = table.append("thead").append("tr");
  for (const word of ["output", "prediction", "target", "error"])
    head.append("th").attr("scope", "col").text(word);
  const body = table.append("tbody");
  return () => {
    const { sample, time } = page.cursor,
      place = placeOf(page, [time]);
    const y_hat = page.run.array("y_hat").below(sample, ...place);
    const y = input.y?.below(sample, ...place);
    const rows = body.selectAll("tr").data(Array.from(y_hat).slice(0, 8)).join("tr");
    rows.each(function (value, k) {
      const right = y ? [written(y[k]), written(value - y[k])] : ["none", ""];
      const cells = [className(page, k), written(value), ...right];
      select(this)
        .selectAll("td")
        .data(cells)
        .join("td")
        .text((cell) => cell);
    });
  };
}

// Where an output stands: at a step, or nowhere else where a sample has one output.
function placeOf(page, [time = 0]) {
  const { shape } = page.run.array("y_hat");
  return shape.length === 3 ? [Math.min(time, shape[1] - 1)] : [];
}

// The right class, from its number or a one-hot row.
function targetOf(y, sample, place) {
  return y.values instanceof Int32Array
    ? y.at(sample, ...place)
    : likeliest(y.below(sample, ...place));
}

function className(page, k) {
  return page.data.classes?.[k] ?? String(k);
}
