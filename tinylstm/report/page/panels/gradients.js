// Gradients on their way back through time: from state to state, past U, and through U.

import { select } from "d3-selection";
import { roundEnds } from "drawing/axes.js";
import { lines } from "drawing/lines.js";
import { unitMap } from "drawing/map.js";
import { choice, numbersTable } from "drawing/parts.js";

export const title = "Gradients, back through time";
export const recorded = true;

const WAYS = {
  whole: "all of it",
  past: "past U, from state to state",
  through: "through U, once or more",
};
const ALONG_C = "past U, along c alone: product of forget gates"; // of an LSTM

export function panel(place, page) {
  const { gradients } = page.data,
    root = select(place);
  if (gradients.why) {
    place.append(`There are no gradients to show. ${gradients.why}`);
    return undefined;
  }
  const about = root.append("p").attr("class", "note");
  let way = "whole";
  const label = "Which way the gradient came";
  choice(root, { id: "gradients-way", label, words: WAYS }, (name) => {
    way = name;
    maps.draw(way);
  });
  const fill = numbersTable(root),
    maps = mapsOfStates(root, page),
    norms = normsByWay(root, page);

  return (changes) => {
    if (changes.has("layer")) maps.begin();
    if (["sample", "layer"].some((name) => changes.has(name))) {
      about.text(sentence(page));
      maps.draw(way);
      norms.draw();
    }
    maps.mark();
    norms.mark();
    fill(numbersAt(page));
  };
}

// A map of the gradient of each state; begin() makes them for another layer.
function mapsOfStates(root, page) {
  const grid = root.append("div").attr("class", "maps");
  let maps = {}; // {state: map of its gradient}
  return {
    begin() {
      grid.selectAll("*").remove();
      maps = Object.fromEntries(
        statesOf(page).map((state) => [
          state,
          unitMap(grid.node(), page, { name: `d${state}`, title: `d${state}` }),
        ]),
      );
    },
    draw(way) {
      const flags = page.columns(page.array(`${page.layer().name}/masked`));
      const masked = (column) => flags[column] === 1,
        span = spanOf(page, flags);
      const [names, along] = [page.columnNames(), page.along(page.steps())];
      for (const [state, map] of Object.entries(maps))
        map.draw({ values: valuesOf(page, state)[way], span, names, masked, along });
    },
    mark() {
      for (const map of Object.values(maps)) map.mark();
    },
  };
}

// Lines of the norms of all ways, of the state that a layer keeps.
function normsByWay(root, page) {
  const figure = root.append("div"),
    heading = figure.append("h3");
  const options = { name: "norms of the gradient", height: 180, units: false };
  const chart = lines(figure.node(), page, options);
  return {
    draw() {
      const [kept] = statesOf(page),
        { unit } = page.data.gradients;
      heading.text(
        `d${kept}: norm over all units, by which way it came (${unit} for 1 more of ${kept})`,
      );
      const series = normsOf(page, kept);
      chart.draw({ series, names: page.columnNames(), along: page.along(page.steps()), log: true });
    },
    mark: chart.mark,
  };
}

// The state that a layer keeps first, that which it puts out last.
const statesOf = (page) => page.layer().states.toReversed();

// Of a state: {whole, past, through}, flat arrays of columns by units.
function valuesOf(page, state) {
  const { arrays } = page.data.gradients,
    key = `${page.layer().name}/d${state}`;
  const whole = page.columns(arrays[key]),
    past = page.columns(arrays[`${key}_past`]);
  return { whole, past, through: whole.map((value, k) => value - past[k]) };
}

// Norms of the ways of a state, over all columns.
function normsOf(page, state) {
  const { arrays } = page.data.gradients,
    layer = page.layer();
  return Object.entries(WAYS).map(([way, words]) => ({
    name: way === "past" && layer.cell === "lstm" ? ALONG_C : words,
    values: page.columns(arrays[`${layer.name}/d${state}_${way}_norm`]),
  }));
}

// The same for all states of a layer, and as wide as the largest number of the steps that are not masked.
function spanOf(page, masked) {
  const units = page.layer().shown.length;
  let largest = 0;
  for (const state of statesOf(page))
    valuesOf(page, state).whole.forEach((value, k) => {
      if (!masked[Math.floor(k / units)]) largest = Math.max(largest, Math.abs(value));
    });
  const [, limit] = roundEnds([0, largest || 1], "linear");
  return [-limit, limit];
}

// The numbers at the cursor, each of a state and a way.
function numbersAt(page) {
  const { arrays } = page.data.gradients,
    { sample, unit } = page.cursor,
    time = Math.min(page.cursor.time, page.steps() - 1);
  return statesOf(page).flatMap((state) => {
    const key = `${page.layer().name}/d${state}`;
    const whole = arrays[key].at(sample, time, unit),
      past = arrays[`${key}_past`].at(sample, time, unit);
    return [
      { name: `d${state}`, value: whole },
      { name: `d${state} past U`, value: past },
      { name: `d${state} through U`, value: whole - past },
    ];
  });
}

function sentence(page) {
  const { of, unit } = page.data.gradients;
  const these = page.along(page.steps()) === "time" ? "this sample" : "these samples";
  return (
    `Derivatives of ${of} with respect to the states behind each step, of the recorded pass, in ${unit} for ` +
    `1 more of a state. ${whereTheyGo(page)} All maps have the same scale, that of the largest number of ${these}. ` +
    `Ways may cancel each other, so their norms do not add up; where one is 0, it has no point.${grey(page)}`
  );
}

// What no colour stands for: a gradient passes by a masked step.
const grey = (page) =>
  page.columns(page.array(`${page.layer().name}/masked`)).some((one) => one)
    ? " Grey: masked, where gradients pass by."
    : "";

// From which step to which, and at which border they stop.
function whereTheyGo(page) {
  const [from, to] = page.layer().go_backwards ? ["first", "last"] : ["last", "first"];
  const border = page.data.gradients.one_sequence
    ? "and on to the sample before in the batch; they stop where the batch begins"
    : "of the sample and stop there, also where its state came from another one";
  return `They go from the ${from} step to the ${to} ${border}.`;
}
