// Which input mattered for an output: the norm of d y_t / d x_s, exact, of the recorded pass.

import { max, maxIndex, minIndex } from "d3-array";
import { select } from "d3-selection";
import { bars } from "influence/bars.js";
import { boxes } from "influence/boxes.js";
import { matrix } from "influence/matrix.js";
import { written } from "numbers.js";

export const title = "Which input mattered";
export const recorded = true;

const BOXES = 60; // inputs that have a box each, at most

export function panel(place, page) {
  const { influence } = page.data,
    root = select(place);
  if (influence.why) {
    place.append(`The influence of the inputs is not on the page. ${influence.why}`);
    return undefined;
  }
  const about = root.append("p").attr("class", "note");
  const inputs = inputsOf(page);
  const parts = [];
  if (inputs.names().length <= BOXES) parts.push(boxes(root, inputs));
  parts.push(bars(root, page, inputs));
  if (influence.outputs.length > 1) parts.push(matrix(root, page, inputs));

  return (changes) => {
    if (!changes.has("sample") && !changes.has("time")) return;
    const output = outputAt(page),
      values = influence.norms.below(page.cursor.sample, output);
    const shown = { output, values, names: inputs.names(), span: [0, max(values) || 1] };
    about.text(`${sentence(page, shown, inputs)}${left(page)}`);
    for (const draw of parts) draw(shown, changes.has("sample"));
  };
}

// Which of the outputs, places on the page, is nearest to the cursor.
const outputAt = (page) =>
  minIndex(page.data.influence.outputs, (t) => Math.abs(t - page.cursor.time));

// The inputs: those of the sample, or where a batch is one sequence those of all samples on the page.
//
// names(): what they are called; here(): which one the cursor is at; go(k): move the cursor to one;
// named(k): one in words.
function inputsOf(page) {
  const { data, cursor } = page,
    steps = data.input.x.shape[1];
  if (!data.influence.across)
    return {
      names: () => page.names(cursor.sample),
      here: () => cursor.time,
      go: (k) => page.move({ time: k }),
      named: (k) => `step ${page.stepName(cursor.sample, k)}`,
    };
  const names = data.samples.shown.flatMap((_, n) =>
    steps === 1 ? [page.sampleNames()[n]] : page.names(n),
  );
  return {
    names: () => names,
    here: () => cursor.sample * steps + Math.min(cursor.time, steps - 1),
    go: (k) => page.move({ sample: Math.floor(k / steps), time: k % steps }),
    named: (k) => `"${names[k]}"`,
  };
}

function sentence(page, { output, values }, inputs) {
  const { outputs, first, all, across } = page.data.influence,
    { input, samples } = page.data;
  const of = all === 1 ? "the answer" : `the output of step ${first + outputs[output]}`;
  const some = input.first > 0 || (across && samples.shown.length < samples.all);
  const which = some ? "input on the page" : "input",
    unit = input.numbers ? "its row in the Embedding" : "x",
    best = maxIndex(values);
  const most =
    values[best] > 0
      ? `The ${which} that moves it most is ${inputs.named(best)}, by ${written(values[best])} for 1 more of ${unit}${outputsOf(page)}.`
      : `No ${which} moves it.`;
  return `How much each input moves ${of} of sample ${page.shown(page.cursor.sample)}, of the recorded pass. ${most}${earlier(page)}`;
}

// What a number is, where there is more than one output.
const outputsOf = ({ run }) =>
  run.array("y_hat").shape.at(-1) > 1 ? ", as a norm over all outputs" : "";

// What is not counted where a state comes from another batch: gradients stop there.
const earlier = ({ data: { state } }) =>
  state.carried ? " What earlier batches did by the state that they handed on is not counted." : "";

// Which outputs are not on the page.
function left({ data: { influence } }) {
  const { outputs, all } = influence;
  return outputs.length < all ? ` ${outputs.length} of the ${all} outputs are on the page.` : "";
}
