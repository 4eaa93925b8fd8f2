// The input as letters, words or a curve; what the model answers, and what would have been right.

import { select } from "d3-selection";
import { css, inkOn } from "drawing/colours.js";
import { lines } from "drawing/lines.js";
import { byKeys } from "drawing/moving.js";
import { written } from "numbers.js";

export const title = "Input, prediction, target";

const LIKELY = 5; // classes that are listed
const SHARE = [0, 1];

export function panel(place, page) {
  const { input } = page.data, root = select(place);
  const named = page.data.names.some((names) => names.some((name, k) => name !== String(k + input.first)));
  const draws = [named ? letters(root, page) : curve(root, page)];
  draws.push(input.kind === "classes" ? likely(root, page) : values(root, page));
  return (changes) => draws.forEach((draw) => draw(changes));
}

// A box a step.
function letters(root, page) {
  const row = root.append("div").attr("class", "letters");
  byKeys(row, page, "The input, a box a step");
  const numbers = root.append("p").attr("class", "note");
  return (changes) => {
    const { sample, time } = page.cursor, names = page.names(sample);
    if (changes.has("sample") || changes.has("run"))
      row.selectAll("button").data(names).join("button").attr("type", "button").attr("tabindex", -1)
        .text((name) => name).on("click", (event, name) => page.move({ time: row.selectAll("button").nodes().indexOf(event.currentTarget) }));
    row.selectAll("button").classed("here", (_, k) => k === time)
      .attr("aria-current", (_, k) => (k === time ? "step" : null));
    const x = page.run.array("x").below(sample, time);
    numbers.text(`As the model reads step ${time + page.data.input.first}: ${Array.from(x, (v) => written(v)).join(", ")}`);
  };
}

// A line a feature, and, where the outputs are numbers at each step, those too.
function curve(root, page) {
  const chart = lines(root.append("div").node(), page, { name: "The input", height: 140, units: false });
  return (changes) => {
    const { sample } = page.cursor;
    if (changes.has("sample") || changes.has("run")) chart.draw({ series: seriesOf(page, sample), names: page.names(sample) });
    chart.mark();
  };
}

function seriesOf(page, sample) {
  const x = page.run.array("x"), features = x.shape[2], shown = Math.min(features, 4);
  return Array.from({ length: shown }, (_, k) => ({
    name: features === 1 ? "x" : `x ${k}`,
    values: x.over(sample, k),
  }));
}

// The likeliest classes at the cursor's step, or of the whole sample.
function likely(root, page) {
  const { input, classes } = page.data;
  const table = root.append("table").attr("class", "likely");
  table.append("caption");
  const body = table.append("tbody");
  const name = (k) => classes?.[k] ?? String(k);
  return () => {
    const { sample } = page.cursor, place = outputPlace(page);
    const shares = page.run.array("y_hat").below(sample, ...place);
    const target = input.y === null ? null : targetOf(input.y, sample, place);
    const order = Array.from(shares, (_, k) => k).sort((a, b) => shares[b] - shares[a]).slice(0, LIKELY);
    if (target !== null && !order.includes(target)) order.push(target);
    const right = target === null ? "" : `; right is ${name(target)}`;
    table.select("caption").text(`Prediction: ${name(order[0])}${right}`);
    const rows = body.selectAll("tr").data(order).join((enter) => {
      const row = enter.append("tr");
      row.append("th").attr("scope", "row");
      row.append("td").attr("class", "share");
      row.append("td").attr("class", "is-right");
      return row;
    });
    rows.select("th").text(name);
    rows.select(".share").style("background", (k) => css(shares[k], SHARE))
      .style("color", (k) => inkOn(shares[k], SHARE)).text((k) => written(shares[k]));
    rows.select(".is-right").text((k) => (k === target ? "\u2190 target" : ""));
  };
}

// Numbers: of the sample, or of the step.
function values(root, page) {
  const { input } = page.data;
  const table = root.append("table").attr("class", "values");
  const head = table.append("tr");
  for (const word of ["output", "prediction", "target", "error"]) head.append("th").attr("scope", "col").text(word);
  const body = table.append("tbody");
  return () => {
    const { sample } = page.cursor, place = outputPlace(page);
    const y_hat = page.run.array("y_hat").below(sample, ...place);
    const y = input.y?.below(sample, ...place);
    const rows = body.selectAll("tr").data(Array.from(y_hat).slice(0, 8)).join("tr");
    rows.each(function (value, k) {
      const cells = [page.data.classes?.[k] ?? k, written(value)];
      cells.push(y ? written(y[k]) : "none", y ? written(value - y[k]) : "");
      select(this).selectAll("td").data(cells).join("td").text((cell) => cell);
    });
  };
}

// Where the output at the cursor stands: a step of its own, or nothing where a sample has one output.
function outputPlace(page) {
  const { shape } = page.run.array("y_hat");
  return shape.length === 3 ? [Math.min(page.cursor.time, shape[1] - 1)] : [];
}

// The right class, from its number or a one-hot row.
function targetOf(y, sample, place) {
  if (y.values instanceof Int32Array) return y.at(sample, ...place);
  const row = y.below(sample, ...place);
  return row.indexOf(Math.max(...row));
}
