// A strip in words: what stands in it, what a box is called and answers, what it adds up to.

import { answerText } from "drawing/answers.js";
import { written } from "numbers.js";

// leftOut: whether some of the samples in it are not on the page, which else names them.
export function introduction(state, layer, box, leftOut) {
  const part = (shown, all, what) =>
    shown < all ? `the first ${shown} of ${all} ${what}` : `all ${what}`;
  return (
    `Layer ${layer} with the same weights and batches in each mode, as the engine ran it: a column is a batch, ` +
    `with its rows below each other; ${part(state.batches, state.all_batches, "batches")} and ${part(state.lanes, state.rows, "rows")} ` +
    `can be looked at, those around the sample at the cursor are drawn. After the last one comes the first one again, as a next epoch would. ` +
    `In a box: ${box}, before | after the sample; below it the answer.` +
    (leftOut ? " A number in a box is that of a sample that is not on the page." : "")
  );
}

// How many samples got a state, and how many answers it changed.
export function summaryOf(mode, state) {
  const boxes = mode.boxes.filter((box) => box.column < state.batches);
  const given = boxes.filter((box) => typeof box.from !== "string").length;
  const compared =
    mode === state.modes[0] ? "" : ` ${mode.moved} have other outputs than ${state.modes[0].mode}.`;
  return `${given} of ${boxes.length} ${boxes.length === 1 ? "sample starts" : "samples start"} from a state that was handed on.${compared}`;
}

// A sample's name where it has one, else its number.
export function nameOf(page, sample) {
  const place = page.data.samples.shown.indexOf(sample);
  return page.data.named && place >= 0 ? page.sampleNames()[place] : String(sample);
}

// What a box answers; fit(name) may cut the name of a class.
export function answerOf(mode, box, page, fit) {
  const [first, likeliest, share] = mode.answers.below(rowOf(box, page));
  return answerText(page, { first, likeliest, share }, fit);
}

// [before, after] of each state of the layer at the cursor, in a box.
export function sizesOf(mode, box, page) {
  const sizes = mode.sizes[page.layer().name].part(rowOf(box, page));
  return Array.from({ length: sizes.shape[0] }, (_, k) => [...sizes.below(k)]);
}

// All of a box: for the pointer, and for who does not see it.
export function wordsOf(mode, box, page) {
  const from =
    { zeros: "zeros", given: "a state set from outside" }[box.from] ??
    `the state after batch ${box.from[0]}, row ${box.from[1]}`;
  const { states } = page.layer();
  const sizes = sizesOf(mode, box, page).map(
    ([before, after], k) => `${states[k]} ${written(before, 3)} before, ${written(after, 3)} after`,
  );
  const name = nameOf(page, box.sample),
    number = String(box.sample);
  const called = name === number ? "" : ` (${name})`;
  return (
    `Sample ${number}${called} starts from ${from}; size of ${sizes.join("; ")}; ` +
    `the answer is ${answerOf(mode, box, page)}`
  );
}

const rowOf = (box, page) => box.column * page.data.state.lanes + box.row;
