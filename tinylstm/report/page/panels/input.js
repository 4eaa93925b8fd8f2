// The input as letters, words or a curve; what the model answers, and what would have been right.

import { select } from "d3-selection";
import { lines } from "drawing/lines.js";
import { letters } from "input/letters.js";
import { likely, values } from "input/outputs.js";
import { everyOf } from "numbers.js";

export const title = "Input, prediction, target";

const FEATURES = 4; // lines of x that are drawn

export function panel(place, page) {
  const root = select(place).append("div").attr("class", "side-by-side");
  const left = root.append("div"),
    right = root.append("div");
  const draws = [page.data.named ? letters(left, page) : inputChart(left, page)];
  if (page.data.input.kind === "classes") draws.push(likely(right, page));
  else draws.push(values(right, page), outputChart(left, page));
  return (changes) => {
    for (const draw of draws) draw(changes);
  };
}

// A line a feature.
function inputChart(root, page) {
  const [, steps, features] = page.data.input.x.shape,
    shown = Math.min(features, FEATURES);
  if (shown < features) note(root, `Drawn are the first ${shown} of ${features} features.`);
  const series = () =>
    Array.from({ length: shown }, (_, k) => [
      features === 1 ? "x" : `x ${k}`,
      everyOf(page.columns(page.run.array("x")), k, features),
    ]);
  return chart(root, page, {
    name: "The input",
    along: page.along(steps),
    names: page.names,
    series,
  });
}

// The first output beside what would have been right: over steps, or over samples where each has one.
function outputChart(root, page) {
  const { y } = page.data.input,
    { shape } = page.run.array("y_hat"),
    outputs = shape.at(-1);
  const overSteps = shape.length === 3,
    along = overSteps ? page.along(shape[1]) : "sample";
  if (along === "sample" && shape[0] === 1) return () => {};
  if (outputs > 1) note(root, `Drawn is the first of ${outputs} outputs.`);
  const first = (array) => {
    const numbers = overSteps ? page.columns(array) : array.values;
    return everyOf(numbers, 0, array.shape.at(-1));
  };
  const name = along === "time" ? "prediction" : "prediction of each sample";
  const series = () => {
    const target = y ? [["target", first(y)]] : [];
    return [[name, first(page.run.array("y_hat"))], ...target];
  };
  return chart(root, page, { name: "The output", along, names: page.outputNames, series });
}

// Lines over steps or samples of what series() gives: [[name, numbers], ...]; names(sample): of the steps.
function chart(root, page, { name, along, names, series }) {
  const drawn = lines(root.append("div").node(), page, { name, height: 130, units: false });
  return (changes) => {
    if (changes.has("run") || (changes.has("sample") && along === "time"))
      drawn.draw({
        series: series().map(([name, values]) => ({ name, values })),
        names: along === "time" ? names(page.cursor.sample) : page.sampleNames(),
        along,
      });
    drawn.mark();
  };
}

const note = (root, text) => root.append("p").attr("class", "note").text(text);
