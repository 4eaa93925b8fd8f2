// The weights of a layer by gate: maps of W, U and b, how large U is, how the numbers are spread, and
// units that do nothing.

import { max } from "d3-array";
import { select } from "d3-selection";
import { curves } from "drawing/curves.js";
import { tableIn } from "drawing/table.js";
import { percent, within, written } from "numbers.js";
import { idleUnits } from "weights/idle.js";
import { weightMap } from "weights/map.js";

export const title = "Weights by gate";

const BINS = 40; // of the histogram

export function panel(place, page) {
  const root = select(place),
    { network } = page.data;
  const maps = root.append("div").attr("class", "weights");
  if (network.why) maps.append("p").attr("class", "note").text(`No maps. ${network.why}`);
  const row = root.append("div").attr("class", "charts");
  const norms = bars(row, "Spectral norm of U by gate", (value) => written(value, 3));
  const idle = bars(row, "Share of units that do nothing, in these samples", percent, 1);
  const sizes = { name: "Share of the weights by their size", xName: "weight" };
  const spread = network.why ? null : curves(row.node(), sizes);
  const about = root.append("p").attr("class", "note");
  let drawn = [];

  function begin() {
    maps.selectAll("figure").remove();
    const layer = layerOf(page);
    const letters = network.why ? [] : Object.keys(layer.tensors);
    drawn = letters.map((letter) => weightMap(maps, page, layer, letter));
  }

  function draw() {
    const layer = layerOf(page),
      shares = idleUnits(page);
    for (const map of drawn) map.draw();
    norms(Object.entries(normsOf(page, layer)));
    idle(shares);
    about.text(sentence(page, shares.length > 0));
    spread?.draw(histograms(page, layer));
  }

  return (changes) => {
    if (changes.has("layer")) begin();
    if (["layer", "run", "epoch"].some((name) => changes.has(name))) draw();
    if (["layer", "unit"].some((name) => changes.has(name))) for (const map of drawn) map.mark();
  };
}

const layerOf = (page) => page.data.weights.layers.find((one) => one.name === page.layer().name);

// Of the epoch whose weights the page shows, or of now.
function normsOf(page, layer) {
  if (!layer.of_epochs || page.data.network.why) return layer.norms;
  const found = layer.of_epochs.below(page.cursor.epoch);
  return Object.fromEntries(layer.gates.map((gate, k) => [gate, found[k]]));
}

// What the bars and the colours mean.
function sentence(page, isSeen) {
  const { mostly, moved, within: most } = page.data.weights;
  if (!isSeen) return "Units that do nothing: all steps of these samples are masked.";
  return (
    "The spectral norm is the largest singular value: by so much h can grow on its way to z. A gate " +
    `of a unit is always saturated where it stands at an end of its span in ${percent(mostly)} of the ` +
    `steps or more, over all samples here; a unit is dead where its h stays within ${moved}. Shares are ` +
    `of ${page.allUnits(page.layer())}. Colours end where ${percent(most)} of a tensor's numbers do.`
  );
}

// A table of numbers with a bar each, the longest of the largest of them, or of `least`.
function bars(place, title, words, least = 0) {
  let most = 1;
  const table = tableIn(place.node(), {
    kind: "bars",
    columns: [
      { text: ([name]) => name },
      { kind: "bar-of", bar: ([, value]) => (most > 0 ? value / most : 0) },
      { kind: "value", text: ([, value]) => words(value) },
    ],
  });
  table.caption(title);
  return (pairs) => {
    most = max([...pairs.map(([, value]) => value), least]);
    table.rows(pairs, ([name]) => name);
  };
}

// Of each tensor the share of its numbers in each bin, at its middle, on one scale around 0.
function histograms(page, layer) {
  const tensors = Object.entries(layer.tensors).map(([name, tensor]) => ({
    name,
    values: page.weights[tensor].values,
  }));
  const limit = max(tensors, ({ values }) => max(values, Math.abs)) || 1,
    width = (2 * limit) / BINS;
  return tensors.map(({ name, values }) => {
    const shares = new Float64Array(BINS);
    for (const value of values) shares[within((value + limit) / width, BINS)] += 1 / values.length;
    return { name, x: Array.from(shares, (_, k) => (k + 0.5) * width - limit), y: shares };
  });
}
