// What units follow, ranked; and the moments whose state is most like that of the cursor's.

import { select } from "d3-selection";
import { css, inkOn } from "drawing/colours.js";
import { written } from "numbers.js";
import { etaSquared, ofPhase } from "statistics.js";

export const title = "What units follow, similar moments";

const RANKED = 8, NEAREST = 8; // rows of a table
const WORDS = {
  position: "the place in the sequence",
  letter: "what the step is called",
  class: "the right class",
  phase: "the phase of the wave",
};
const SHARE = [0, 1];

export function panel(place, page) {
  const root = select(place), names = Object.keys(page.data.followed);
  const ranks = names.length ? ranking(root, page, names) : none(root);
  const similar = nearest(root, page);
  return (changes) => {
    if (changes.has("layer") || changes.has("run")) ranks.compute();
    ranks.mark();
    similar();
  };
}

function none(root) {
  root.append("p").text("The samples are too few to say what units follow: each group of steps needs two.");
  return { compute() {}, mark() {} };
}

// A table for each thing that may be followed: the units that do so best.
function ranking(root, page, names) {
  root.append("p").attr("class", "note").text(
    "Share of the variance of h of a unit that lies between the groups, eta squared (0: none, 1: all); " +
    "of a phase the share that a cosine and a sine of it explain, R squared.",
  );
  const row = root.append("div").attr("class", "rankings");
  const tables = names.map((name) => {
    const table = row.append("table").attr("class", "ranking").attr("data-name", name);
    table.append("caption").text(`Units that follow ${WORDS[name]}`);
    return table.append("tbody");
  });

  function compute() {
    const layer = page.layer(), units = layer.shown.map((_, k) => k);
    names.forEach((name, j) => {
      const shares = units.map((k) => followed(page, layer, k, page.data.followed[name]));
      const order = units.toSorted((a, b) => shares[b] - shares[a]).slice(0, RANKED);
      const rows = tables[j].selectAll("tr").data(order).join((enter) => {
        const made = enter.append("tr");
        made.append("th").attr("scope", "row").append("button").attr("type", "button");
        made.append("td").attr("class", "share");
        return made;
      });
      rows.attr("data-unit", (k) => layer.shown[k]);
      rows.select("button").text((k) => `unit ${layer.shown[k]}`).on("click", (_, k) => page.move({ unit: k }));
      rows.select(".share").style("background", (k) => css(shares[k], SHARE))
        .style("color", (k) => inkOn(shares[k], SHARE)).text((k) => written(shares[k], 3));
    });
  }

  function mark() {
    row.selectAll("button").classed("here", (k) => k === page.cursor.unit);
  }

  return { compute, mark };
}

// How well h of a unit follows something, over all samples and steps that are not masked.
function followed(page, layer, unit, { kind, groups, count, angles }) {
  const h = page.run.array(`${layer.name}/${layer.states[0]}`), masked = page.run.array(`${layer.name}/masked`);
  const of = kind === "phase" ? angles : groups, [samples, steps] = masked.shape, first = steps - of.shape[1];
  const values = [], beside = [];
  if (first < 0) return 0; // a layer that has fewer steps than the input
  for (let n = 0; n < samples; n++)
    for (let t = first; t < steps; t++) {
      if (masked.at(n, t)) continue;
      values.push(h.at(n, t, unit));
      beside.push(of.at(n, t - first));
    }
  return kind === "phase" ? ofPhase(values, beside) : etaSquared(values, beside, count);
}

// The moments whose states are nearest to those of the cursor's: Euclidean distance over all units.
function nearest(root, page) {
  const table = root.append("table").attr("class", "nearest");
  table.append("caption");
  const named = page.names(0)[0] !== String(page.data.input.first);
  const head = table.append("thead").append("tr");
  head.selectAll("th").data(["sample", "step", named ? "steps up to it" : "input", "distance"]).join("th").attr("scope", "col").text((word) => word);
  const body = table.append("tbody");
  return () => {
    const layer = page.layer(), { sample } = page.cursor, arrays = layer.states.map((name) => page.run.array(`${layer.name}/${name}`));
    const masked = page.run.array(`${layer.name}/masked`), [samples, steps] = masked.shape;
    const time = Math.min(page.cursor.time, steps - 1), found = [];
    for (let n = 0; n < samples; n++)
      for (let t = 0; t < steps; t++)
        if ((n !== sample || t !== time) && !masked.at(n, t)) found.push({ n, t, distance: distance(arrays, [sample, time], [n, t]) });
    found.sort((a, b) => a.distance - b.distance);
    table.select("caption").text(`Moments like sample ${page.shown(sample)}, step ${stepName(page, sample, time)}: those with the nearest ${layer.states.join(" and ")} of all units`);
    const rows = body.selectAll("tr").data(found.slice(0, NEAREST)).join((enter) => {
      const made = enter.append("tr");
      made.append("td").append("button").attr("type", "button");
      for (const name of ["at", "before", "distance"]) made.append("td").attr("class", name);
      return made;
    });
    rows.select("button").text(({ n }) => `sample ${page.shown(n)}`).on("click", (_, { n, t }) => page.move({ sample: n, time: t }));
    rows.select(".at").text(({ n, t }) => stepName(page, n, t));
    rows.select(".before").text(({ n, t }) => (named ? page.names(n).slice(Math.max(0, t - 4), t + 1).join(" ") : inputAt(page, n, t)));
    rows.select(".distance").text((one) => written(one.distance));
  };
}

function distance(arrays, here, there) {
  let squares = 0;
  for (const array of arrays) {
    const a = array.below(...here), b = array.below(...there);
    for (let k = 0; k < a.length; k++) squares += (a[k] - b[k]) ** 2;
  }
  return Math.sqrt(squares);
}

// The first features of a step.
function inputAt(page, n, t) {
  const x = page.run.array("x");
  return t < x.shape[1] ? Array.from(x.below(n, t).slice(0, 3), (value) => written(value, 2)).join(", ") : "";
}

function stepName(page, sample, time) {
  const number = String(time + page.data.input.first), name = page.names(sample)[time] ?? number;
  return name === number ? number : `${number} (${name})`;
}
