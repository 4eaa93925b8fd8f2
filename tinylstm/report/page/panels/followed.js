// What units follow, ranked; and the moments whose state is most like that of the cursor's.

import { select } from "d3-selection";
import { css, inkOn } from "drawing/colours.js";
import { written } from "numbers.js";
import { ofGroups, ofPhase } from "statistics.js";

export const title = "What units follow, similar moments";

const RANKED = 8,
  NEAREST = 8; // rows of a table
const WORDS = {
  position: "the place in the sequence",
  letter: "what the step is called",
  class: "the right class",
  phase: "the phase of the wave",
};
const SHARE = [0, 1];

export function panel(place, page) {
  const root = select(place),
    names = Object.keys(page.data.followed);
  const ranks = names.length ? ranking(root, page, names) : none(root);
  const similar = nearest(root, page);
  return (changes) => {
    if (changes.has("layer") || changes.has("run")) ranks.compute();
    ranks.mark();
    if (["sample", "time", "layer", "run"].some((name) => changes.has(name))) similar();
  };
}

function none(root) {
  root
    .append("p")
    .text("The samples are too few to say what units follow: each group of steps needs two.");
  return { compute() {}, mark() {} };
}

// A table for each thing that may be followed: the units that do so best.
function ranking(root, page, names) {
  root
    .append("p")
    .attr("class", "note")
    .text(
      "Share of the variance of h of a unit that lies between the groups, less what chance puts there: epsilon " +
        "squared (1: all; 0: no more than of noise, which may be a little below 0). Of a phase the share that a " +
        "cosine and a sine of it explain, adjusted R squared.",
    );
  const row = root.append("div").attr("class", "rankings");
  const tables = names.map((name) => {
    const table = row.append("table").attr("class", "ranking").attr("data-name", name);
    table.append("caption").text(`Units that follow ${WORDS[name]}`);
    return table.append("tbody");
  });

  function compute() {
    const layer = page.layer(),
      units = layer.shown.map((_, k) => k);
    names.forEach((name, j) => {
      const shares = followed(page, layer, page.data.followed[name]);
      const order = units.toSorted((a, b) => shares[b] - shares[a]).slice(0, RANKED);
      const rows = tables[j]
        .selectAll("tr")
        .data(order)
        .join((enter) => {
          const made = enter.append("tr");
          made.append("th").attr("scope", "row").append("button").attr("type", "button");
          made.append("td").attr("class", "share");
          return made;
        });
      rows.attr("data-unit", (k) => layer.shown[k]);
      rows
        .select("button")
        .text((k) => `unit ${layer.shown[k]}`)
        .on("click", (_, k) => page.move({ unit: k }));
      rows
        .select(".share")
        .style("background", (k) => css(shares[k], SHARE))
        .style("color", (k) => inkOn(shares[k], SHARE))
        .text((k) => written(shares[k], 3));
    });
  }

  function mark() {
    row.selectAll("button").classed("here", (k) => k === page.cursor.unit);
  }

  return { compute, mark };
}

// How well h of each unit follows something, over all samples and steps that are not masked.
function followed(page, layer, { kind, groups, count, angles }) {
  const h = page.run.array(`${layer.name}/${layer.states[0]}`),
    masked = page.run.array(`${layer.name}/masked`);
  const of = kind === "phase" ? angles : groups,
    units = layer.shown.length;
  const [samples, steps] = masked.shape,
    width = of.shape[1],
    first = steps - width;
  const places = [],
    beside = [];
  for (let n = 0; n < samples; n++)
    for (let t = Math.max(0, first); t < steps; t++) {
      if (masked.values[n * steps + t]) continue;
      places.push((n * steps + t) * units);
      beside.push(of.values[n * width + t - first]);
    }
  return layer.shown.map((_, unit) => {
    const values = places.map((place) => h.values[place + unit]);
    return kind === "phase" ? ofPhase(values, beside) : ofGroups(values, beside, count);
  });
}

// The moments whose states are nearest to those of the cursor's: Euclidean distance over the units
// that are shown.
function nearest(root, page) {
  const table = root.append("table").attr("class", "nearest");
  table.append("caption");
  const { named } = page.data;
  const head = table.append("thead").append("tr");
  head
    .selectAll("th")
    .data(["sample", "step", named ? "steps up to it" : "input", "distance"])
    .join("th")
    .attr("scope", "col")
    .text((word) => word);
  const body = table.append("tbody");
  return () => {
    const layer = page.layer(),
      { sample } = page.cursor,
      arrays = layer.states.map((name) => page.run.array(`${layer.name}/${name}`));
    const masked = page.run.array(`${layer.name}/masked`),
      steps = masked.shape[1];
    const time = Math.min(page.cursor.time, steps - 1),
      here = sample * steps + time;
    const found = smallest(distances(arrays, here, masked.values), NEAREST).map(
      ({ at, value }) => ({ n: Math.floor(at / steps), t: at % steps, distance: value }),
    );
    table
      .select("caption")
      .text(
        `Moments like sample ${page.shown(sample)}, step ${page.stepName(sample, time, layer)}: those with the nearest ${layer.states.join(" and ")} of ${page.allUnits(layer)}`,
      );
    const rows = body
      .selectAll("tr")
      .data(found)
      .join((enter) => {
        const made = enter.append("tr");
        made.append("td").append("button").attr("type", "button");
        for (const name of ["at", "before", "distance"]) made.append("td").attr("class", name);
        return made;
      });
    rows
      .select("button")
      .text(({ n }) => `sample ${page.shown(n)}`)
      .on("click", (_, { n, t }) => page.move({ sample: n, time: t }));
    rows.select(".at").text(({ n, t }) => page.stepName(n, t, layer));
    rows.select(".before").text(({ n, t }) =>
      named
        ? page
            .layerNames(n, layer)
            .slice(Math.max(0, t - 4), t + 1)
            .join(" ")
        : inputAt(page, n, t),
    );
    rows.select(".distance").text((one) => written(one.distance));
  };
}

// Of each moment; infinite of the one that is meant and of those that are masked.
function distances(arrays, here, masked) {
  const found = new Float64Array(masked.length);
  for (const { values, shape } of arrays) {
    const units = shape[2],
      own = values.subarray(here * units, (here + 1) * units);
    for (let at = 0; at < masked.length; at++) {
      let squares = 0;
      for (let k = 0; k < units; k++) squares += (values[at * units + k] - own[k]) ** 2;
      found[at] += squares;
    }
  }
  return found.map((squares, at) => (masked[at] || at === here ? Infinity : Math.sqrt(squares)));
}

// The smallest numbers, with their places, in their order.
function smallest(values, count) {
  const found = [];
  values.forEach((value, at) => {
    if (value === Infinity || (found.length === count && value >= found[count - 1].value)) return;
    const place = found.findIndex((one) => value < one.value);
    found.splice(place < 0 ? found.length : place, 0, { at, value });
    found.length = Math.min(found.length, count);
  });
  return found;
}

// The first features of a step.
function inputAt(page, n, t) {
  const x = page.run.array("x");
  return t < x.shape[1]
    ? Array.from(x.below(n, t).slice(0, 3), (value) => written(value, 2)).join(", ")
    : "";
}
