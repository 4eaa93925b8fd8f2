// One step of one unit: its equations with their numbers, forward, and back, a derivative a line.

import { select } from "d3-selection";
import { equations } from "drawing/equations.js";
import { passOf } from "engine/run.js";
import { written } from "numbers.js";
import { BACKWARD, FORWARD } from "step/equations.js";
import { backwardNumbers, forwardNumbers } from "step/numbers.js";

export const title = "One step of one unit";

export function panel(place, page) {
  const { network, gradients } = page.data;
  if (network.why) {
    place.append(`The equations need all weights. ${network.why}`);
    return undefined;
  }
  const recorded = passOf(page);
  const about = select(place).append("p").attr("class", "note");
  const sides = select(place).append("div").attr("class", "sides");
  const forward = side(sides, "Forward");
  const back = side(sides, "Back");
  let part = null;

  function begin() {
    part = network.parts.find((one) => one.name === page.layer().name);
    forward.draw(FORWARD[part.cell]);
    back.draw(BACKWARD[part.cell]);
  }

  function fill() {
    const { sample, unit } = page.cursor, layer = page.layer();
    const time = Math.min(page.cursor.time, layer.steps - 1);
    const pass = page.run.whole ? page.run : recorded;
    const numbers = forwardNumbers(pass, part, { sample, time, unit: layer.shown[unit] });
    about.text(sentence(part, numbers));
    forward.fill(numbers, numbers.masked ? masked(numbers) : "");
    if (page.run.whole) back.fill({}, "Gradients were recorded of the model as it is: without changes, after its last epoch.");
    else if (numbers.masked) back.fill({}, "The gradients pass by it too.");
    else {
      const reaching = (name) => gradients.arrays[`${part.name}/${name}`]?.at(sample, time, unit);
      const derivatives = backwardNumbers(part, numbers, { dh: reaching("dh"), dh_past: reaching("dh_past"), dc: reaching("dc") });
      back.fill({ ...numbers, ...derivatives }, `dh is the derivative of ${gradients.of} with respect to h, and so on.`);
    }
  }

  return (changes) => {
    if (changes.has("layer")) begin();
    fill();
  };
}

// A heading, a sentence, and equations; those are hidden whose number is not there.
function side(sides, name) {
  const part = sides.append("div").attr("data-side", name.toLowerCase());
  part.append("h3").text(name);
  const note = part.append("p").attr("class", "note");
  const lines = equations(part.node());
  let lefts = [];
  return {
    draw(texts) {
      lefts = texts.map(([left]) => left);
      lines.draw(texts);
    },
    fill(numbers, text) {
      note.text(text).attr("hidden", text ? null : "");
      const held = numbers.held ?? [], there = (left) => !numbers.masked && numbers[left] !== undefined;
      lines.fill(lefts.map((left) => (there(left) && !held.includes(left) ? numbers : null)));
    },
  };
}

function masked(numbers) {
  const states = ["h", "c"].filter((name) => name in numbers).map((name) => `${name} = ${written(numbers[name])}`);
  return `This step is masked: the state passes by it unchanged, ${states.join(", ")}.`;
}

// Which functions phi and sigma are, and what is held.
function sentence(part, numbers) {
  const words = [`\u03c6 is ${part.activation}`];
  if (part.cell !== "simple_rnn") words.push(`\u03c3 is ${part.recurrent_activation}`);
  const held = (numbers.held ?? []).map((name) => `${name} is held at ${written(numbers[name])}`);
  return `${[...words, ...held].join("; ")}.`;
}
