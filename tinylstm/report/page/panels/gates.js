// Every gate and state of a layer at every step: maps of all units, or lines of one.

import { select } from "d3-selection";
import { lines } from "drawing/lines.js";
import { unitMap } from "drawing/map.js";
import { written } from "numbers.js";

export const title = "Gates and states";

export function panel(place, page) {
  const kind = select(place).append("div").attr("class", "choice").attr("role", "radiogroup")
    .attr("aria-label", "How gates and states are drawn");
  const choose = (name) => {
    for (const [one, part] of Object.entries(parts)) part.attr("hidden", one === name ? null : "");
    draw();
  };
  const words = { maps: "maps of all units", lines: "lines of the unit" };
  for (const [name, text] of Object.entries(words)) {
    const label = kind.append("label");
    label.append("input").attr("type", "radio").attr("name", "gates-kind").attr("value", name)
      .property("checked", name === "maps").on("change", () => choose(name));
    label.append("span").text(text);
  }
  const numbers = select(place).append("table").attr("class", "numbers");
  const parts = {
    maps: select(place).append("div").attr("class", "maps"),
    lines: select(place).append("div").attr("class", "of-unit").attr("hidden", ""),
  };
  let maps = {}, chart;

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

  function draw() {
    const layer = page.layer(), { sample, unit } = page.cursor, near = page.data.gates.near;
    const array = (name) => page.run.array(`${layer.name}/${name}`);
    const masked = (time) => array("masked").at(sample, time) === 1;
    const steps = array("masked").shape[1], names = stepNames(page, layer, steps);
    for (const [name, map] of Object.entries(maps)) {
      const isGate = layer.gates.includes(name), values = array(name), span = layer.spans[name];
      map.draw({
        values: (time, k) => values.at(sample, time, k),
        ...{ span, names, units: layer.shown.length },
        masked: isGate ? masked : undefined,
        text: isGate ? saturatedIn(values, sample, masked, span, near) : "",
      });
    }
    const series = shownNames(layer).map((name) => ({ name, values: array(name).over(sample, unit) }));
    chart.draw({ series, names });
  }

  function mark() {
    for (const map of Object.values(maps)) map.mark();
    chart.mark();
    fill(numbers, page);
  }

  return (changes) => {
    if (changes.has("layer")) begin();
    if (["sample", "layer", "run"].some((name) => changes.has(name))) draw();
    else if (changes.has("unit")) draw();
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

function stepNames(page, layer, steps) {
  const names = page.names(page.cursor.sample);
  return names.length === steps ? names : Array.from({ length: steps }, (_, k) => String(k + layer.steps - steps));
}

// Which share of a gate's numbers stands at an end of its span, in this sample.
function saturatedIn(values, sample, masked, [low, high], near) {
  const [, steps, units] = values.shape, edge = near * (high - low);
  let count = 0, all = 0;
  for (let time = 0; time < steps; time++) {
    if (masked(time)) continue;
    all += units;
    for (const value of values.below(sample, time)) count += value < low + edge || value > high - edge;
  }
  return all === 0 ? "masked at all steps" : `${Math.round((100 * count) / all)} % saturated`;
}

// The numbers at the cursor.
function fill(table, page) {
  const layer = page.layer(), { sample, time, unit } = page.cursor;
  const cells = shownNames(layer).map((name) => {
    const array = page.run.array(`${layer.name}/${name}`);
    return { name, value: array.at(sample, Math.min(time, array.shape[1] - 1), unit) };
  });
  const rows = table.selectAll("tr").data(["name", "value"]).join("tr");
  rows.each(function (kind) {
    select(this).selectAll(kind === "name" ? "th" : "td").data(cells)
      .join(kind === "name" ? "th" : "td").attr("data-name", (one) => one.name)
      .attr("scope", kind === "name" ? "col" : null)
      .text((one) => (kind === "name" ? one.name : written(one.value)));
  });
}
