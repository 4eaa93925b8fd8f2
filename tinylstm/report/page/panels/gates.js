// Every gate and state of a layer at every step: maps of all units, or lines of one.

import { select } from "d3-selection";
import { lines } from "drawing/lines.js";
import { unitMap } from "drawing/map.js";
import { choice, numbersTable } from "drawing/parts.js";
import { written } from "numbers.js";

export const title = "Gates and states";

export function panel(place, page) {
  let kindShown = "maps";
  const choose = (name) => {
    kindShown = name;
    for (const [one, part] of Object.entries(parts)) part.attr("hidden", one === name ? null : "");
    draw();
    mark();
  };
  const words = { maps: "maps of all units", lines: "lines of the unit" };
  const label = "How gates and states are drawn";
  choice(select(place), { id: "gates-kind", label, words }, choose);
  const fill = numbersTable(select(place));
  const parts = {
    maps: select(place).append("div").attr("class", "maps"),
    lines: select(place).append("div").attr("class", "of-unit").attr("hidden", ""),
  };
  let maps = {},
    chart;

  function begin() {
    const layer = page.layer();
    parts.maps.selectAll("*").remove();
    parts.lines.selectAll("*").remove();
    maps = Object.fromEntries(
      shownNames(layer).map((name) => [
        name,
        unitMap(parts.maps.node(), page, { name, title: titled(layer, name) }),
      ]),
    );
    chart = lines(parts.lines.node(), page, { name: "gates and states of the unit" });
  }

  // What of the layer's arrays is drawn: at(column) is the place of a column in them.
  function shown() {
    const layer = page.layer(),
      { sample } = page.cursor,
      along = page.along();
    const array = (name) => page.run.array(`${layer.name}/${name}`);
    const at = along === "time" ? (column) => [sample, column] : (column) => [column, 0];
    const names = along === "time" ? page.layerNames(sample, layer) : page.sampleNames();
    return { layer, array, along, at, names };
  }

  function draw() {
    if (kindShown === "maps") drawMaps();
    else drawLines();
  }

  function drawMaps() {
    const { layer, array, along, at, names } = shown();
    const masked = (column) => array("masked").at(...at(column)) === 1;
    const seen = names
      .map((_, k) => k)
      .filter((k) => !masked(k))
      .map(at);
    for (const [name, map] of Object.entries(maps)) {
      const isGate = layer.gates.includes(name),
        values = array(name),
        span = layer.spans[name];
      map.draw({
        ...{ span, names, along, units: layer.shown.length },
        values: (column, unit) => values.at(...at(column), unit),
        masked: isGate ? masked : undefined,
        text: isGate ? saturatedIn(values, seen, layer.saturated[name]) : "",
      });
    }
  }

  function drawLines() {
    const { layer, array, along, at, names } = shown(),
      { unit } = page.cursor;
    const series = shownNames(layer).map((name) => ({
      name,
      values: Float32Array.from(names, (_, k) => array(name).at(...at(k), unit)),
    }));
    chart.draw({ series, names, along });
  }

  function mark() {
    if (kindShown === "maps") for (const map of Object.values(maps)) map.mark();
    else chart.mark();
    fill(numbersAt(page));
  }

  return (changes) => {
    if (changes.has("layer")) begin();
    const other = page.along() === "time" ? ["sample", "layer", "run"] : ["layer", "run"];
    if (other.some((name) => changes.has(name))) draw();
    else if (changes.has("unit") && kindShown === "lines") drawLines();
    mark();
  };
}

// The gates in the order of the cell, then the states, the output last.
function shownNames(layer) {
  return [...layer.gates, ...layer.states.toReversed()];
}

function titled(layer, name) {
  return layer.meanings[name] ? `${name}: ${layer.meanings[name]}` : name;
}

// Which share of a gate's numbers stands at an end of its span, at these places.
function saturatedIn(values, places, limits) {
  if (places.length === 0) return "masked at all steps";
  if (limits === null) return "never saturated: it has no end";
  const [low, high] = limits,
    [, , units] = values.shape;
  let count = 0;
  for (const place of places)
    for (const value of values.below(...place)) count += value < low || value > high;
  const share = Math.round((100 * count) / (places.length * units));
  return `${share} % saturated: below ${written(low, 2)} or above ${written(high, 2)}`;
}

// The numbers at the cursor.
function numbersAt(page) {
  const layer = page.layer(),
    { sample, time, unit } = page.cursor;
  return shownNames(layer).map((name) => {
    const array = page.run.array(`${layer.name}/${name}`);
    return { name, value: array.at(sample, Math.min(time, array.shape[1] - 1), unit) };
  });
}
