// The moments whose states are nearest to those of the cursor's: Euclidean distance over the units that
// are shown.

import { tableIn } from "drawing/table.js";
import { written } from "numbers.js";

const NEAREST = 8, // moments that are listed
  BEFORE = 4, // steps before each that are named
  FEATURES = 3; // that are listed of a step without a name

export function nearest(root, page) {
  const { named, input } = page.data,
    features = input.x.shape[2];
  const read =
    features > FEATURES ? `input (the first ${FEATURES} of ${features} features)` : "input";
  const table = tableIn(root.append("div").attr("class", "scrolled").node(), {
    kind: "nearest",
    head: ["sample", "step", named ? "steps up to it" : read, "distance"],
    columns: [
      {
        text: ({ sample }) => `sample ${page.shown(sample)}`,
        go: ({ sample, time }) => page.move({ sample, time }),
      },
      { kind: "at", text: ({ sample, time }) => page.stepName(sample, time, page.layer()) },
      { kind: "before", text: named ? (one) => before(page, one) : (one) => inputAt(page, one) },
      { kind: "distance", text: ({ distance }) => written(distance) },
    ],
  });
  const about = root.insert("p", ".scrolled");

  return () => {
    const layer = page.layer(),
      { sample } = page.cursor,
      arrays = layer.states.map((name) => page.run.array(`${layer.name}/${name}`));
    const masked = page.run.array(`${layer.name}/masked`),
      steps = masked.shape[1];
    const time = Math.min(page.cursor.time, steps - 1),
      found = smallest(distances(arrays, sample * steps + time, masked.values), NEAREST);
    const step = page.stepName(sample, time, layer);
    about.text(
      `Moments like sample ${page.shown(sample)}, step ${step}: those ${NEAREST} on the page with the ` +
        `nearest ${layer.states.join(" and ")} of ${page.allUnits(layer)} (Euclidean distance)`,
    );
    table.rows(
      found.map(({ at, value }) => ({
        ...{ sample: Math.floor(at / steps), time: at % steps },
        distance: value,
      })),
    );
  };
}

// The names of a step and of some before it.
const before = (page, { sample, time }) =>
  page
    .layerNames(sample, page.layer())
    .slice(Math.max(0, time - BEFORE), time + 1)
    .join(" ");

// The first features of a step.
function inputAt(page, { sample, time }) {
  const x = page.run.array("x");
  if (time >= x.shape[1]) return "";
  return Array.from(x.below(sample, time).slice(0, FEATURES), (value) => written(value, 2)).join(
    ", ",
  );
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
