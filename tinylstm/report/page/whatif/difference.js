// What has become of the numbers at the cursor, and how far through the steps a change reaches.

import { max, maxIndex } from "d3-array";
import { select } from "d3-selection";
import { lines } from "drawing/lines.js";
import { tableIn } from "drawing/table.js";
import { written, writtenAtStep } from "numbers.js";

const MOST = 6; // outputs that are listed
const SAME = 1e-6; // what was recorded is float32

export function differences(place, page) {
  const table = tableIn(place, {
    ...{ kind: "differences", head: ["", "before", "now", "difference"] },
    columns: [
      { text: ({ name }) => name },
      { kind: "before", text: ({ before }) => writtenAtStep(before) },
      { kind: "now", text: ({ now }) => writtenAtStep(now) },
      { kind: "difference", text: ({ before, now }) => changed(before, now) },
    ],
  });
  const figure = select(place).append("div");
  figure
    .append("h3")
    .text("How far it reaches: change of h, root mean square over the units on the page");
  const chart = lines(figure.node(), page, { name: "change of h", height: 120, units: false });

  function fill() {
    const { sample, time, unit } = page.cursor,
      layer = page.layer();
    const ofUnit = [...layer.gates, ...layer.states.toReversed()].map((name) =>
      pair(page, `${layer.name}/${name}`, name, sample, time, unit),
    );
    const { all, most } = outputs(page, sample, time);
    const which =
      most.length < all ? `those ${most.length} of ${all} outputs that change most` : "all outputs";
    table.caption(`Unit ${layer.shown[unit]} of ${layer.name}, and ${which}`);
    table.rows([...ofUnit, ...most], ({ name }) => name);
  }

  function draw() {
    const { layers } = page.data.gates,
      steps = layers.map((layer) => page.array(hOf(layer)).shape[1]);
    const longest = layers[maxIndex(steps)],
      along = page.along(max(steps));
    const series = layers.map((layer) => ({
      name: layer.name,
      values: changeOf(page, layer, along),
    }));
    const names =
      along === "time" ? page.layerNames(page.cursor.sample, longest) : page.sampleNames();
    const largest = max(series, (one) => max(one.values));
    chart.draw({ series, names, along, span: [0, largest || 1] });
  }

  return { fill, draw, mark: chart.mark };
}

const changed = (before, now) => (Math.abs(now - before) < SAME ? "0" : written(now - before));

// Those outputs that change most, the one with the largest change first.
function outputs(page, sample, time) {
  const { shape } = page.array("y_hat"),
    place = shape.length === 3 ? [sample, time] : [sample];
  const name = (k) => (shape.at(-1) === 1 ? "output" : `output ${page.data.classes?.[k] ?? k}`);
  const found = Array.from({ length: shape.at(-1) }, (_, k) =>
    pair(page, "y_hat", name(k), ...place, k),
  );
  const change = (one) => Math.abs(one.now - one.before);
  const most = found.toSorted((a, b) => change(b) - change(a)).slice(0, MOST);
  return { all: found.length, most };
}

// A number as it was and as it is; what has fewer steps than the input is shown at its last one.
function pair(page, array, name, ...index) {
  const before = page.array(array),
    now = page.run.array(array);
  const place = before.shape.map((count, axis) => Math.min(index[axis], count - 1));
  return { name, before: before.at(...place), now: now.at(...place) };
}

const hOf = (layer) => `${layer.name}/${layer.states[0]}`;

// The root mean square, over the units, of what has changed at each step, or in each sample of one step.
function changeOf(page, layer, along) {
  const numbers = (array) => (along === "time" ? array.below(page.cursor.sample) : array.values);
  const before = numbers(page.array(hOf(layer))),
    now = numbers(page.run.array(hOf(layer))),
    units = layer.shown.length;
  return Float32Array.from({ length: before.length / units }, (_, k) => {
    const [a, b] = [before, now].map((all) => all.subarray(k * units, (k + 1) * units));
    return Math.sqrt(a.reduce((total, one, j) => total + (b[j] - one) ** 2, 0) / units);
  });
}
