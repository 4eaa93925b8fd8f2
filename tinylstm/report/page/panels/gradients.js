// Gradients on their way back through time: from state to state, past U, and through U.

import { select } from "d3-selection";
import { lines } from "drawing/lines.js";
import { unitMap } from "drawing/map.js";
import { written } from "numbers.js";

export const title = "Gradients, back through time";
export const recorded = true;

const WAYS = { whole: "all of it", past: "past U, from state to state", through: "through U, once or more" };
const ALONG_C = "along c alone: product of forget gates"; // of an LSTM, past U

export function panel(place, page) {
  const { gradients } = page.data, root = select(place);
  const about = root.append("p").attr("class", "note");
  let way = "whole", maps = {};
  choices(root, (name) => {
    way = name;
    draw();
    mark();
  });
  const numbers = root.append("table").attr("class", "numbers");
  const grid = root.append("div").attr("class", "maps");
  const figure = root.append("div");
  const heading = figure.append("h3");
  const chart = lines(figure.node(), page, { name: "norms of the gradient", height: 180, units: false });

  const states = () => page.layer().states.toReversed();

  // Of a state: a function of a place, a step or a sample, and a unit, for one of the ways.
  function valuesOf(state, name) {
    const key = `${page.layer().name}/d${state}`, { values: whole, shape } = gradients.arrays[key];
    const past = gradients.arrays[`${key}_past`].values, [, steps, units] = shape;
    const [first, apart] = page.along() === "time" ? [page.cursor.sample * steps * units, units] : [0, steps * units];
    if (name === "whole") return (k, unit) => whole[first + k * apart + unit];
    if (name === "past") return (k, unit) => past[first + k * apart + unit];
    return (k, unit) => whole[first + k * apart + unit] - past[first + k * apart + unit];
  }

  function begin() {
    grid.selectAll("*").remove();
    maps = Object.fromEntries(states().map((state) => [state, unitMap(grid.node(), page, { name: `d${state}`, title: `d${state}` })]));
  }

  function draw() {
    const layer = page.layer(), along = page.along(), names = along === "sample" ? page.sampleNames() : page.layerNames(page.cursor.sample, layer);
    for (const [state, map] of Object.entries(maps)) {
      const key = `${layer.name}/d${state}`, span = gradients.spans[way === "past" ? `${key}_past` : key];
      map.draw({ values: valuesOf(state, way), span, names, units: layer.shown.length, along });
    }
    const kept = states()[0], order = layer.go_backwards ? "left to right" : "right to left";
    about.text(`Derivatives of ${gradients.of} with respect to the states behind each step, of the recorded pass. They are made from ${order}.`);
    heading.text(`d${kept}: norm over the units, by which way it came`);
    const series = Object.keys(WAYS).map((name) => ({ name: name === "past" && layer.cell === "lstm" ? ALONG_C : WAYS[name], values: normsOf(valuesOf(kept, name), names.length, layer.shown.length) }));
    chart.draw({ series, names, along, log: true });
  }

  function mark() {
    for (const map of Object.values(maps)) map.mark();
    chart.mark();
    const { unit } = page.cursor, along = page.along(), layer = page.layer();
    const k = along === "time" ? Math.min(page.cursor.time, layer.steps - 1) : page.cursor.sample;
    const cells = states().flatMap((state) => Object.keys(WAYS).map((name) => ({ name: named(state, name), value: valuesOf(state, name)(k, unit) })));
    fill(numbers, cells);
  }

  return (changes) => {
    if (changes.has("layer")) begin();
    if (["sample", "layer"].some((name) => changes.has(name))) draw();
    mark();
  };
}

function choices(root, told) {
  const row = root.append("div").attr("class", "choice").attr("role", "radiogroup").attr("aria-label", "Which way the gradient came");
  for (const [name, text] of Object.entries(WAYS)) {
    const label = row.append("label");
    label.append("input").attr("type", "radio").attr("name", "gradients-way").attr("value", name)
      .property("checked", name === "whole").on("change", () => told(name));
    label.append("span").text(text);
  }
}

const named = (state, way) => ({ whole: `d${state}`, past: `d${state} past U`, through: `d${state} through U` })[way];

function normsOf(value, count, units) {
  return Float32Array.from({ length: count }, (_, k) => {
    let total = 0;
    for (let unit = 0; unit < units; unit++) total += value(k, unit) ** 2;
    return Math.sqrt(total);
  });
}

function fill(table, cells) {
  const rows = table.selectAll("tr").data(["name", "value"]).join("tr");
  rows.each(function (kind) {
    const tag = kind === "name" ? "th" : "td";
    select(this).selectAll(tag).data(cells).join(tag).attr("data-name", (one) => one.name)
      .attr("scope", kind === "name" ? "col" : null).text((one) => (kind === "name" ? one.name : written(one.value)));
  });
}
