// The weights of a layer by gate: maps of W, U and b, how large U is, how the numbers are spread, and
// units that do nothing.

import { extent, leastIndex, max } from "d3-array";
import { select } from "d3-selection";
import { gradient, shade } from "drawing/colours.js";
import { curves } from "drawing/curves.js";
import { byKeys, byPointer, ofUnits } from "drawing/moving.js";
import { hush, say } from "drawing/tooltip.js";
import { within, written } from "numbers.js";

export const title = "Weights by gate";

const ROWS = { W: "feature", U: "unit of the step before", b: "part" };
const BINS = 40; // of the histogram
const TALLEST = 260,
  LEAST = 14; // pixels of a map, of a row of it

export function panel(place, page) {
  const root = select(place),
    { network } = page.data;
  const maps = root.append("div").attr("class", "weights");
  if (network.why) maps.append("p").attr("class", "note").text(`No maps. ${network.why}`);
  const row = root.append("div").attr("class", "charts");
  const norms = bars(row, "Spectral norm of U by gate");
  const idle = bars(row, "Share of units that do nothing, in these samples", percent);
  const sizes = { name: "Share of the weights by their size", xName: "weight" };
  const spread = network.why ? null : curves(row.node(), sizes);
  const about = root.append("p").attr("class", "note");
  let drawn = [];

  function begin() {
    maps.selectAll("figure").remove();
    const layer = layerOf(page);
    drawn = network.why
      ? []
      : Object.keys(layer.tensors).map((letter) => weightMap(maps, page, layer, letter));
  }

  function draw() {
    const layer = layerOf(page);
    for (const map of drawn) map.draw();
    norms(Object.entries(normsOf(page, layer)));
    const shares = idleOf(page);
    idle(shares);
    about.text(
      shares.length
        ? sentence(page)
        : "Units that do nothing: all steps of these samples are masked.",
    );
    if (!spread) return;
    const tensors = Object.entries(layer.tensors).map(([letter, name]) => [
      letter,
      page.weights[name].values,
    ]);
    const limit = max(tensors, ([, values]) => max(values, Math.abs)) || 1;
    spread.draw(tensors.map(([name, values]) => ({ name, ...histogram(values, limit) })));
  }

  return (changes) => {
    if (changes.has("layer")) begin();
    if (["layer", "run", "epoch"].some((name) => changes.has(name))) draw();
    if (["layer", "unit"].some((name) => changes.has(name))) for (const map of drawn) map.mark();
  };
}

const layerOf = (page) => page.data.weights.layers.find((one) => one.name === page.layer().name);

// What the bars and the colours mean.
function sentence(page) {
  const { mostly, moved, within: most } = page.data.weights;
  return (
    "The spectral norm is the largest singular value: by so much h can grow on its way to z. A gate " +
    `of a unit is always saturated where it stands at an end of its span in ${percent(mostly)} of the ` +
    `steps or more, over all samples here; a unit is dead where its h stays within ${moved}. Shares are ` +
    `of ${page.allUnits(page.layer())}. Colours end where ${percent(most)} of a tensor's numbers do.`
  );
}

// Of the epoch whose weights the page shows, or of now.
function normsOf(page, layer) {
  if (!layer.of_epochs || page.data.network.why) return layer.norms;
  const found = layer.of_epochs.below(page.cursor.epoch);
  return Object.fromEntries(layer.gates.map((gate, k) => [gate, found[k]]));
}

// A map of a tensor, its gates side by side; what the pointer is at is said, and a click goes to its unit.
function weightMap(place, page, layer, letter) {
  const name = layer.tensors[letter],
    { shape } = page.weights[name],
    span = layer.spans[letter];
  const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape,
    units = columns / layer.gates.length;
  const figure = place.append("figure").attr("class", "weight-map").attr("data-name", letter);
  const caption = figure.append("figcaption");
  const said = rows > 1 ? `: ${rows} rows, one for each ${ROWS[letter]}, from above; ` : ": ";
  caption
    .append("span")
    .attr("class", "title")
    .text(`${letter}${said}a column is a unit of a gate`);
  const scale = caption.append("span").attr("class", "scale");
  scale.append("span").text(written(span[0], 2));
  scale.append("span").attr("class", "strip").style("background", gradient(span));
  scale.append("span").text(written(span[1], 2));
  const gates = figure
    .append("div")
    .attr("class", "gate-names")
    .attr("aria-hidden", "true")
    .selectAll("span")
    .data(layer.gates)
    .join("span");
  gates.append("small").text("0");
  gates.append("b").text((gate) => gate);
  gates.append("small").text(units - 1);
  const frame = figure.append("div").attr("class", "frame");
  byKeys(frame, page, `${letter} of ${layer.name} by gate: map of weights`, ofUnits(page));
  const canvas = frame
    .append("canvas")
    .attr("aria-hidden", "true")
    .attr("width", columns)
    .attr("height", rows)
    .style("height", `${Math.max(LEAST, Math.min(TALLEST, rows * LEAST))}px`);
  const marks = layer.gates.map(() => frame.append("div").attr("class", "unit-mark"));
  if (letter === "U") marks.push(frame.append("div").attr("class", "unit-mark"));

  function placeAt(event) {
    const box = canvas.node().getBoundingClientRect();
    const column = within(((event.clientX - box.left) / box.width) * columns, columns);
    return { column, r: within(((event.clientY - box.top) / box.height) * rows, rows) };
  }

  byPointer(frame, page, (event) => ({
    unit: nearest(page.layer().shown, placeAt(event).column % units),
  }));
  frame.on("pointermove.say", (event) => {
    const { column, r } = placeAt(event),
      from = rows > 1 ? `, ${ROWS[letter]} ${r}` : "";
    const value = page.weights[name].values[r * columns + column];
    say(
      event,
      `${letter} of gate ${layer.gates[Math.floor(column / units)]}, unit ${column % units}${from}: ${written(value)}`,
    );
  });
  frame.on("pointerleave", hush);

  function draw() {
    const { values } = page.weights[name],
      context = canvas.node().getContext("2d");
    const image = context.createImageData(columns, rows);
    values.forEach((value, k) => image.data.set([...shade(value, span), 255], 4 * k));
    context.putImageData(image, 0, 0);
  }

  // Of the unit at the cursor: its column in each gate, and in U its row.
  function mark() {
    const unit = page.layer().shown[page.cursor.unit],
      share = (k, all) => `${(100 * k) / all}%`;
    marks.forEach((one, gate) => {
      const isRow = gate === layer.gates.length;
      one
        .style("left", isRow ? 0 : share(gate * units + unit, columns))
        .style("width", isRow ? "100%" : share(1, columns));
      one
        .style("top", isRow ? share(unit, rows) : 0)
        .style("height", isRow ? share(1, rows) : "100%");
    });
  }

  return { draw, mark };
}

// The place of the number that is nearest.
const nearest = (numbers, wanted) => leastIndex(numbers, (one) => Math.abs(one - wanted));

// Numbers with a bar each.
function bars(place, title, text = (value) => written(value, 3)) {
  const table = place.append("table").attr("class", "bars");
  table.append("caption").text(title);
  const body = table.append("tbody");
  return (pairs) => {
    const most = max([...pairs.map(([, value]) => value), text === percent ? 1 : 0]);
    const rows = body
      .selectAll("tr")
      .data(pairs)
      .join((enter) => {
        const made = enter.append("tr");
        made.append("th").attr("scope", "row");
        made.append("td").attr("class", "bar-of").append("div");
        made.append("td").attr("class", "value");
        return made;
      });
    rows.attr("data-name", ([name]) => name);
    rows.select("th").text(([name]) => name);
    rows.select("div").style("width", ([, value]) => `${most > 0 ? (100 * value) / most : 0}%`);
    rows.select(".value").text(([, value]) => text(value));
  };
}

function percent(value) {
  return `${Math.round(100 * value)} %`;
}

// The share of the values in each bin, at its middle, from -limit to limit.
function histogram(values, limit) {
  const counts = new Float64Array(BINS),
    width = (2 * limit) / BINS;
  for (const value of values) counts[within((value + limit) / width, BINS)] += 1 / values.length;
  return { x: Array.from(counts, (_, k) => (k + 0.5) * width - limit), y: counts };
}

// Shares of units, as `tinylstm.inside.idle_units` has them: saturated gates, outputs that never move.
function idleOf(page) {
  const { mostly, moved } = page.data.weights,
    layer = page.layer(),
    units = layer.shown.length;
  const masked = page.run.array(`${layer.name}/masked`).values;
  const places = Array.from(masked, (_, k) => k * units).filter((_, k) => !masked[k]);
  if (places.length === 0) return [];
  const shareOf = (name, test) => {
    const { values } = page.run.array(`${layer.name}/${name}`);
    return (
      layer.shown.filter((_, unit) => test(places.map((place) => values[place + unit]))).length /
      units
    );
  };
  const bounded = layer.gates.filter((gate) => layer.saturated[gate] !== null);
  const rows = bounded.map((gate) => {
    const [low, high] = layer.saturated[gate],
      stands = (value) => value < low || value > high;
    const often = (values) => values.filter(stands).length >= mostly * values.length;
    return [`${gate} always saturated`, shareOf(gate, often)];
  });
  const spread = (values) => {
    const [low, high] = extent(values);
    return high - low;
  };
  return [...rows, ["dead", shareOf(layer.states[0], (values) => spread(values) < moved)]];
}
