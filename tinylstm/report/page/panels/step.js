// One step of one unit: its equations with their numbers, forward, and back, a derivative a line.

import { select } from "d3-selection";
import { equations, namesIn } from "drawing/equations.js";
import { passOf } from "engine/run.js";
import { written } from "numbers.js";
import { BACKWARD, FORWARD } from "step/equations.js";
import {
  backwardNumbers,
  laterNumbers,
  previousNumbers,
  reachingInside,
  stopsBehind,
} from "step/derivatives.js";
import { forwardNumbers } from "step/numbers.js";

export const title = "One step of one unit";

const CHANGED =
  "Gradients were recorded of the model as it is: without changes, with its own weights.";

export function panel(place, page) {
  const { network } = page.data;
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
    const { sample, unit } = page.cursor,
      layer = page.layer();
    const time = Math.min(page.cursor.time, layer.steps - 1);
    const pass = page.run.whole ? page.run : recorded;
    const numbers = forwardNumbers(pass, part, { sample, time, unit: layer.shown[unit] });
    about.text(sentence(part, numbers));
    forward.fill(numbers, numbers.masked ? masked(numbers) : "");
    const at = { sample, time, unit, all: layer.shown[unit] };
    back.fill(...backAt(page, recorded, part, numbers, at));
  }

  return (changes) => {
    if (changes.has("layer")) begin();
    fill();
  };
}

// The numbers of the equations back, and what they mean; or none, and why.
function backAt(page, recorded, part, numbers, at) {
  const { gradients } = page.data;
  if (gradients.why) return [{}, gradients.why];
  if (page.run.whole) return [{}, CHANGED];
  if (numbers.masked) return [{}, "The gradients pass by it too."];
  const { shown, units } = page.layer(),
    isWhole = shown.length === units;
  const of = (name, unit) => gradients.arrays[`${part.name}/${name}`]?.at(at.sample, at.time, unit);
  const recordedOf = (unit) => ({
    dh: of("dh", unit),
    dh_past: of("dh_past", unit),
    dc: of("dc", unit),
  });
  const reaching = isWhole ? reachingInside(recorded, part, at, recordedOf) : recordedOf;
  const later = laterNumbers(page, recorded, part, at);
  const derivatives = backwardNumbers(part, numbers, reaching(at.unit), later);
  const previous = isWhole ? previousNumbers(recorded, part, at, reaching) : {};
  return [
    { ...numbers, ...derivatives, ...previous },
    meaning(part, gradients, isWhole, stopsBehind(page, at), later),
  ];
}

// What stands in the equations for what came along c.
const LATER = {
  dc_next: "f_next and dc_next are those of the step read next. ",
  dc_later: "dc_later came along c, past masked steps; 0 where no step follows. ",
};

// What the letters of the derivatives mean.
function meaning(part, { of, unit }, isWhole, stops, later) {
  const getting = stops
    ? "the state gets that this step starts from, and no step before, as the gradient stops here"
    : "the step before gets from this one";
  const previous = isWhole
    ? `dh_prev is what ${getting}: ${part.cell.startsWith("gru") ? "dh u past U, the rest" : "all of it"} through U, from all units.`
    : "dh_prev is not shown: it comes from all units, and some are not on the page.";
  const along = Object.keys(later).map((name) => LATER[name] ?? "");
  return (
    `dh is the derivative of ${of} with respect to h, in ${unit} for 1 more of h, and so on. What went past U came from the output or ` +
    `along the states alone; the rest went through U, once or more. ${along.join("")}${previous}`
  );
}

// A heading, a sentence, and equations; those are hidden a number of which is not there, or held.
function side(sides, name) {
  const part = sides.append("div").attr("data-side", name.toLowerCase());
  part.append("h3").text(name);
  const note = part.append("p").attr("class", "note");
  const lines = equations(part.node());
  let shown = [];
  return {
    draw(texts) {
      shown = texts;
      lines.draw(texts);
    },
    fill(numbers, text) {
      note.text(text).attr("hidden", text ? null : "");
      const held = numbers.held ?? [];
      const there = (one) =>
        !numbers.masked && namesIn(one).every((name) => numbers[name] !== undefined);
      lines.fill(shown.map((one) => (there(one) && !held.includes(one[0]) ? numbers : null)));
    },
  };
}

function masked(numbers) {
  const states = ["h", "c"]
    .filter((name) => name in numbers)
    .map((name) => `${name} = ${written(numbers[name])}`);
  return `This step is masked: the state passes by it unchanged, ${states.join(", ")}.`;
}

// Which functions phi and sigma are, and what is held.
function sentence(part, numbers) {
  const words = [`\u03c6 is ${part.activation}`];
  if (part.cell !== "simple_rnn") words.push(`\u03c3 is ${part.recurrent_activation}`);
  const held = (numbers.held ?? []).map((name) => `${name} is held at ${written(numbers[name])}`);
  return `${[...words, ...held].join("; ")}.`;
}
