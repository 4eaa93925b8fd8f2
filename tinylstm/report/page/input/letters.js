// A box a step, or a sample where each has one step; below it the answer that belongs to it.

import { select } from "d3-selection";
import { className, likeliest, outputPlace, targetOf } from "drawing/answers.js";
import { byKeys } from "drawing/moving.js";
import { written } from "numbers.js";

const FEATURES = 12; // numbers of a step that are listed

export function letters(root, page) {
  const along = page.along(),
    row = root.append("div").attr("class", "letters");
  byKeys(row, page, along === "time" ? "The input, a box a step" : "The input, a box a sample");
  const numbers = root.append("p").attr("class", "note");
  return (changes) => {
    if (changes.has("run") || (changes.has("sample") && along === "time")) boxes(row, page, along);
    row
      .selectAll("button")
      .classed("here", (_, k) => k === page.cursor[along])
      .attr("aria-current", (_, k) => (k === page.cursor[along] ? "step" : null));
    numbers.text(readAt(page));
  };
}

function boxes(row, page, along) {
  const { sample } = page.cursor;
  const names = along === "time" ? page.namesNow(sample, page.run.array("x")) : page.sampleNames();
  const go = (event) => row.selectAll("button").nodes().indexOf(event.currentTarget);
  const buttons = row
    .selectAll("button")
    .data(names)
    .join("button")
    .attr("type", "button")
    .attr("tabindex", -1)
    .text((name) => name)
    .on("click", (event) => page.move({ [along]: go(event) }));
  if (!hasAnswers(page, along)) return;
  buttons.append("small").each(function (_, k) {
    const { text, wrong } = along === "time" ? answerAt(page, sample, k) : answerAt(page, k);
    select(this).text(text).classed("wrong", wrong);
  });
}

// Whether there is an answer for each box.
function hasAnswers(page, along) {
  const overSteps = page.run.array("y_hat").shape.length === 3;
  return page.data.input.kind === "classes" && overSteps === (along === "time");
}

function answerAt(page, sample, time) {
  const { y } = page.data.input,
    place = outputPlace(page, time);
  const found = likeliest(page.run.array("y_hat").below(sample, ...place));
  const target = y === null ? found : targetOf(y, sample, place),
    wrong = found !== target;
  const text = wrong
    ? `\u2717 ${className(page, found)}, right: ${className(page, target)}`
    : `\u2192 ${className(page, found)}`;
  return { text, wrong };
}

// The numbers of the step at the cursor.
function readAt(page) {
  const { sample, time } = page.cursor,
    x = page.run.array("x"),
    read = x.below(sample, Math.min(time, x.shape[1] - 1));
  const words = Array.from(read.subarray(0, FEATURES), (value) => written(value)).join(", ");
  const all =
    read.length > FEATURES ? ` ... (the first ${FEATURES} of ${read.length} numbers)` : "";
  return `The model reads ${words}${all}`;
}
