// The outputs at the cursor as a table: the likeliest classes, or numbers.

import { answer, className, outputPlace, targetOf } from "drawing/answers.js";
import { tableIn } from "drawing/table.js";
import { written } from "numbers.js";

const LIKELY = 5, // classes that are listed, with the target
  OUTPUTS = 8; // numbers that are

// The classes with the largest shares, and the right one.
export function likely(root, page) {
  const { y } = page.data.input;
  const table = tableIn(root.node(), {
    kind: "likely",
    columns: [
      { text: ({ k }) => className(page, k) },
      { kind: "share", text: ({ share }) => written(share), share: ({ share }) => share },
      { kind: "is-right", text: ({ isRight }) => (isRight ? "\u2190\u00a0target" : "") },
    ],
  });
  const about = root.append("p").attr("class", "note");
  return () => {
    const { sample, time } = page.cursor,
      place = outputPlace(page, time);
    const shares = page.run.array("y_hat").below(sample, ...place),
      target = y === null ? null : targetOf(y, sample, place);
    const shown = largest(shares, LIKELY, target);
    const right = target === null ? "" : `; right is ${className(page, target)}`;
    table.caption(`Prediction: ${answer(page, shares)}${right}`);
    table.rows(shown.map((k) => ({ k, share: shares[k], isRight: k === target })));
    about.text(leftOut(shown.length, shares.length, target !== null));
  };
}

// The places of the largest shares, and one more.
function largest(shares, count, further) {
  const order = Array.from(shares, (_, k) => k)
    .sort((a, b) => shares[b] - shares[a])
    .slice(0, count);
  return further === null || order.includes(further) ? order : [...order, further];
}

function leftOut(shown, all, hasTarget) {
  if (shown === all) return "";
  const which = hasTarget ? "the likeliest and the target" : "the likeliest";
  return `${shown} of ${all} classes: ${which}.`;
}

// Outputs that are numbers, beside what would have been right.
export function values(root, page) {
  const { y } = page.data.input;
  const table = tableIn(root.node(), {
    kind: "values",
    head: ["output", "prediction", "target", "error"],
    columns: [
      { text: ({ k }) => className(page, k) },
      { text: ({ value }) => written(value) },
      { text: ({ right }) => (y ? written(right) : "none") },
      { text: ({ value, right }) => (y ? written(value - right) : "") },
    ],
  });
  const all = page.run.array("y_hat").shape.at(-1);
  if (all > OUTPUTS)
    root.append("p").attr("class", "note").text(`The first ${OUTPUTS} of ${all} outputs.`);
  return () => {
    const { sample, time } = page.cursor,
      place = outputPlace(page, time);
    const found = page.run
        .array("y_hat")
        .below(sample, ...place)
        .subarray(0, OUTPUTS),
      right = y?.below(sample, ...place);
    table.rows(Array.from(found, (value, k) => ({ k, value, right: right?.[k] })));
  };
}
