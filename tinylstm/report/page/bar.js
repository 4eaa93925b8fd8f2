// The bar at the top: where the cursor is, in words and as sliders.

import { select } from "d3-selection";
import { goTo } from "drawing/moving.js";
import { writtenAtStep } from "numbers.js";

const QUIET = 400; // milliseconds without a move before it is read out

export function bar(place, page) {
  const { data, cursor } = page;
  const row = select(place).append("div").attr("class", "bar");
  const steps = row.append("span").attr("class", "steps");
  stepButton(steps, "\u25c0", "A step back", -1, page);
  stepButton(steps, "\u25b6", "A step further", 1, page);
  const sliders = {
    sample: slider(row, "sample", () => data.samples.shown.length, page),
    time: slider(row, "step", page.steps, page, "time"),
    unit: slider(row, "unit", () => page.layer().shown.length, page),
  };
  const epochs = data.training?.epochs;
  if (epochs) sliders.epoch = slider(row, "epoch", () => epochs.length, page);
  if (data.gates.layers.length > 1) layerChoice(row, page);
  const changed = row
    .append("a")
    .attr("class", "changed")
    .attr("href", "#whatif")
    .on("click", goTo);
  const said = select(place).append("p").attr("class", "spoken").attr("aria-live", "polite");
  let timer;
  page.listen(() => {
    const words = wordsOf(page);
    for (const [name, one] of Object.entries(sliders)) one(cursor[name], words[name]);
    const count = page.run.changes?.length ?? 0;
    changed
      .attr("hidden", count ? null : "")
      .text(`what if: ${count} ${count === 1 ? "change" : "changes"}`);
    clearTimeout(timer);
    timer = setTimeout(() => said.text(sentence(page, words)), QUIET);
  });
}

function stepButton(row, sign, name, by, page) {
  row
    .append("button")
    .attr("type", "button")
    .attr("aria-label", name)
    .attr("title", name)
    .text(sign)
    .on("click", () => page.step(by));
}

function slider(row, name, count, page, what = name) {
  const label = row.append("label").attr("class", "slider");
  label.append("span").text(name);
  const input = label.append("input").attr("type", "range").attr("min", 0).attr("id", `at-${what}`);
  const output = label.append("output").attr("for", `at-${what}`);
  input.on("input", () => page.move({ [what]: +input.property("value") }));
  return (value, words) => {
    input
      .attr("max", count() - 1)
      .property("value", value)
      .attr("aria-valuetext", words);
    input.property("disabled", count() < 2);
    output.text(words).attr("title", words);
  };
}

function layerChoice(row, page) {
  const label = row.append("label").attr("class", "slider");
  label.append("span").text("layer");
  const choice = label.append("select").attr("id", "at-layer");
  choice
    .selectAll("option")
    .data(page.data.gates.layers)
    .join("option")
    .attr("value", (one, k) => k)
    .text((one) => one.name);
  choice.on("change", () => page.move({ layer: +choice.property("value") }));
  page.listen(() => choice.property("value", page.cursor.layer));
}

// Where the cursor is, each in a word or two.
function wordsOf(page) {
  const { sample, time, unit, epoch } = page.cursor;
  return {
    sample: String(page.shown(sample)),
    time: page.stepName(sample, time, page.layer()),
    unit: String(page.layer().shown[unit]),
    epoch: String(page.data.training?.epochs[epoch] ?? "now"),
  };
}

// What a screen reader says after a move.
function sentence(page, words) {
  const layer = page.layer(),
    { sample, time, unit } = page.cursor;
  const values = [...layer.gates, ...layer.states].map((name) => {
    const array = page.run.array(`${layer.name}/${name}`);
    return `${name} ${writtenAtStep(array.at(sample, Math.min(time, array.shape[1] - 1), unit), 3)}`;
  });
  return `Sample ${words.sample}, step ${words.time}, unit ${words.unit} of ${layer.name}: ${values.join(", ")}.`;
}
