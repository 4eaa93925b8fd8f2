// A table for each thing that may be followed: the units that do so best.

import { tableIn } from "drawing/table.js";
import { written } from "numbers.js";
import { ofGroups, ofPhase } from "statistics.js";

const MOST = 8; // units of a table
const WORDS = {
  position: "the place in the sequence",
  letter: "the name of the step",
  class: "the right class",
  phase: "the phase of the wave",
};
const MEANING =
  "Share of the variance of h of a unit that lies between the groups, less what chance puts there: epsilon " +
  "squared (1: all; 0: no more than of noise, which may be a little below 0). Of a phase the share that a " +
  "cosine and a sine of it explain, adjusted R squared.";

export function ranking(root, page) {
  const things = Object.entries(page.data.followed);
  const about = root.append("p").attr("class", things.length ? "note" : null);
  if (things.length === 0)
    about.text("The samples are too few to say what units follow: each group of steps needs two.");
  const row = root.append("div").attr("class", "rankings");
  const tables = things.map(([name, thing]) => ({ name, thing, table: tableOf(row, page, name) }));

  function compute() {
    const layer = page.layer(),
      units = layer.shown.map((_, k) => k);
    for (const { name, thing, table } of tables) {
      const shares = followed(page, layer, thing);
      const order = units.toSorted((a, b) => shares[b] - shares[a]).slice(0, MOST);
      table.caption(captionOf(WORDS[name], order.length, layer.units));
      table.rows(
        order.map((unit) => ({ unit, number: layer.shown[unit], share: shares[unit] })),
        ({ number }) => number,
      );
    }
    if (things.length)
      about.text(
        `${MEANING}${layer.shown.length < layer.units ? " Ranked are the units on the page." : ""}`,
      );
  }

  function mark() {
    row.selectAll("button").classed("here", ({ unit }) => unit === page.cursor.unit);
  }

  return { compute, mark };
}

const captionOf = (thing, shown, all) =>
  shown < all
    ? `The ${shown} of ${all} units that follow ${thing} best`
    : `Units that follow ${thing}`;

function tableOf(row, page, name) {
  return tableIn(row.node(), {
    ...{ kind: "ranking", name },
    columns: [
      { text: ({ number }) => `unit ${number}`, go: ({ unit }) => page.move({ unit }) },
      { kind: "share", text: ({ share }) => written(share, 3), share: ({ share }) => share },
    ],
  });
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
