// Every gate and state of a layer at every step: maps of all units, or lines of one.

import { select } from "d3-selection";
import { lines } from "drawing/lines.js";
import { unitMap } from "drawing/map.js";
import { choice, numbersTable } from "drawing/parts.js";
import { everyOf, written } from "numbers.js";

export const title = "Gates and states";

const KINDS = { maps: "maps, a row for each unit", lines: "lines of the unit" };

export function panel(place, page) {
  let kind = "maps";
  const root = select(place),
    label = "How gates and states are drawn";
  choice(root, { id: "gates-kind", label, words: KINDS }, (name) => {
    kind = name;
    for (const one of Object.keys(KINDS)) views[one].part.attr("hidden", one === kind ? null : "");
    views[kind].draw();
    views[kind].mark();
  });
  const fill = numbersTable(root),
    views = { maps: mapsOfUnits(root, page), lines: linesOfUnit(root, page) };

  return (changes) => {
    if (changes.has("layer")) views.maps.begin();
    const along = page.along(page.steps()),
      others = ["layer", "run", along === "time" ? "sample" : "", kind === "lines" ? "unit" : ""];
    if (others.some((name) => changes.has(name))) views[kind].draw();
    views[kind].mark();
    fill(numbersAt(page));
  };
}

// A map of each gate and each state; begin() makes them for another layer.
function mapsOfUnits(root, page) {
  const part = root.append("div").attr("class", "maps");
  let maps = {}; // {name of a gate or a state: its map}
  return {
    part,
    begin() {
      const layer = page.layer();
      part.selectAll("*").remove();
      maps = Object.fromEntries(
        namesOf(layer).map((name) => [
          name,
          unitMap(part.node(), page, { name, title: titleOf(layer, name) }),
        ]),
      );
    },
    draw() {
      for (const [name, map] of Object.entries(maps)) drawMap(page, name, map);
    },
    mark() {
      for (const map of Object.values(maps)) map.mark();
    },
  };
}

function linesOfUnit(root, page) {
  const part = root.append("div").attr("class", "of-unit").attr("hidden", "");
  const chart = lines(part.node(), page, { name: "gates and states of the unit" });
  return { part, draw: () => drawLines(page, chart), mark: chart.mark };
}

// The gates in the order of the cell, then the states, the output last.
const namesOf = (layer) => [...layer.gates, ...layer.states.toReversed()];

const titleOf = (layer, name) => (layer.meanings[name] ? `${name}: ${layer.meanings[name]}` : name);

function drawMap(page, name, map) {
  const layer = page.layer(),
    isGate = layer.gates.includes(name);
  const values = page.columns(page.run.array(`${layer.name}/${name}`)),
    masked = page.columns(page.run.array(`${layer.name}/masked`));
  map.draw({
    ...{ values, span: layer.spans[name], names: page.columnNames() },
    along: page.along(page.steps()),
    masked: isGate ? (column) => masked[column] === 1 : undefined,
    text: isGate ? saturatedIn(values, layer.saturated[name]) : "",
  });
}

function drawLines(page, chart) {
  const layer = page.layer(),
    { unit } = page.cursor;
  const series = namesOf(layer).map((name) => {
    const values = page.columns(page.run.array(`${layer.name}/${name}`));
    return { name, values: everyOf(values, unit, layer.shown.length) };
  });
  chart.draw({ series, names: page.columnNames(), along: page.along(page.steps()) });
}

// Which share of a gate's numbers stands at an end of its span; at a masked step there are none.
function saturatedIn(values, limits) {
  if (limits === null) return "never saturated: it has no end";
  const [low, high] = limits;
  let count = 0,
    all = 0;
  for (const value of values) {
    if (value < low || value > high) count += 1;
    if (!Number.isNaN(value)) all += 1;
  }
  if (all === 0) return "masked at all steps";
  const share = Math.round((100 * count) / all),
    grey = all < values.length ? "; grey: masked" : "";
  return `${share} % saturated: below ${written(low, 2)} or above ${written(high, 2)}${grey}`;
}

// The numbers at the cursor.
function numbersAt(page) {
  const layer = page.layer(),
    { sample, time, unit } = page.cursor;
  return namesOf(layer).map((name) => {
    const array = page.run.array(`${layer.name}/${name}`);
    return { name, value: array.at(sample, Math.min(time, array.shape[1] - 1), unit) };
  });
}
