// Gradients on their way back through time: from state to state, past U, and through U.

import { scaleLinear } from "d3-scale";
import { select } from "d3-selection";
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
const ALONG_C = "along c alone: product of forget gates"; // of an LSTM, past U

export function panel(place, page) {
  const { gradients } = page.data,
    root = select(place);
  if (gradients.why) {
    place.append(`There are no gradients to show. ${gradients.why}`);
    return undefined;
  }
  const about = root.append("p").attr("class", "note");
  let way = "whole",
    maps = {};
  const label = "Which way the gradient came";
  choice(root, { id: "gradients-way", label, words: WAYS }, (name) => {
    way = name;
    draw();
    mark();
  });
  const fill = numbersTable(root);
  const grid = root.append("div").attr("class", "maps");
  const figure = root.append("div");
  const heading = figure.append("h3");
  const chart = lines(figure.node(), page, {
    name: "norms of the gradient",
    height: 180,
    units: false,
  });

  const states = () => page.layer().states.toReversed();

  // Of a state: a function of a place, a step or a sample, and a unit, for one of the ways.
  function valuesOf(state, name) {
    const key = `${page.layer().name}/d${state}`,
      { values: whole, shape } = gradients.arrays[key];
    const past = gradients.arrays[`${key}_past`].values,
      [, steps, units] = shape;
    const [first, apart] =
      page.along() === "time" ? [page.cursor.sample * steps * units, units] : [0, steps * units];
    if (name === "whole") return (k, unit) => whole[first + k * apart + unit];
    if (name === "past") return (k, unit) => past[first + k * apart + unit];
    return (k, unit) => whole[first + k * apart + unit] - past[first + k * apart + unit];
  }

  function begin() {
    grid.selectAll("*").remove();
    maps = Object.fromEntries(
      states().map((state) => [
        state,
        unitMap(grid.node(), page, { name: `d${state}`, title: `d${state}` }),
      ]),
    );
  }

  function draw() {
    const layer = page.layer(),
      along = page.along(),
      { sample } = page.cursor;
    const names = along === "sample" ? page.sampleNames() : page.layerNames(sample, layer);
    const flags = page.array(`${layer.name}/masked`);
    const masked = (k) => flags.at(...(along === "time" ? [sample, k] : [k, 0])) === 1;
    const seen = names.map((_, k) => k).filter((k) => !masked(k)),
      units = layer.shown.length;
    const span = spanOf(
      states().map((state) => valuesOf(state, "whole")),
      seen,
      units,
    );
    for (const [state, map] of Object.entries(maps))
      map.draw({ values: valuesOf(state, way), span, names, masked, units, along });
    about.text(sentence(gradients, layer, along));
    drawNorms(layer, names, along);
  }

  function drawNorms(layer, names, along) {
    const [kept] = states(),
      { sample } = page.cursor;
    heading.text(`d${kept}: norm over all units, by which way it came`);
    const series = Object.entries(WAYS).map(([name, words]) => {
      const norms = gradients.arrays[`${layer.name}/d${kept}_${name}_norm`];
      const values = along === "time" ? norms.below(sample) : norms.values;
      return { name: name === "past" && layer.cell === "lstm" ? ALONG_C : words, values };
    });
    chart.draw({ series, names, along, log: true });
  }

  function mark() {
    for (const map of Object.values(maps)) map.mark();
    chart.mark();
    const { unit } = page.cursor,
      along = page.along(),
      layer = page.layer();
    const k = along === "time" ? Math.min(page.cursor.time, layer.steps - 1) : page.cursor.sample;
    const cells = states().flatMap((state) =>
      Object.keys(WAYS).map((name) => ({
        name: named(state, name),
        value: valuesOf(state, name)(k, unit),
      })),
    );
    fill(cells);
  }

  return (changes) => {
    if (changes.has("layer")) begin();
    if (["sample", "layer"].some((name) => changes.has(name))) draw();
    mark();
  };
}

const named = (state, way) =>
  ({ whole: `d${state}`, past: `d${state} past U`, through: `d${state} through U` })[way];

// The same for all states of a layer, and as wide as the largest number of the steps that are seen.
function spanOf(ofStates, seen, units) {
  let largest = 0;
  for (const value of ofStates)
    for (const k of seen)
      for (let unit = 0; unit < units; unit++)
        largest = Math.max(largest, Math.abs(value(k, unit)));
  const [, limit] = scaleLinear([0, largest || 1], [0, 1])
    .nice(5)
    .domain();
  return [-limit, limit];
}

function sentence({ of }, layer, along) {
  const order = layer.go_backwards ? "the first step to the last" : "the last step to the first";
  return (
    `Derivatives of ${of} with respect to the states behind each step, of the recorded pass. They ` +
    `go from ${order}. All maps have the same scale, that of the largest number of ` +
    `${along === "time" ? "this sample" : "these samples"}.`
  );
}
