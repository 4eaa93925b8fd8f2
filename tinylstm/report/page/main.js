// The page: its panels, and what ties them together.
//
// A panel is a module of the folder panels/ with
//
//     export const title = "Gates and states";
//     export function panel(place, page) { ...; return (changes) => { ... }; }
//
// `panel` draws once into `place`, an empty <div> below its heading, and returns what is called after
// each move: `changes` is a Set of the names that changed, among time, sample, layer, unit, epoch and
// run (other numbers: a what-if, an epoch). It is called once at the start with all of them. A panel
// that has nothing to show writes one sentence, `place.append(...)`, and returns nothing. Panels know
// only `page`, never each other:
//
//     page.data             what Python wrote, by part: page.data.gates; arrays in it are `Numbers`
//     page.cursor           {sample, time, layer, unit, epoch}, numbers from 0: of the samples, steps,
//                           layers and units that are on the page
//     page.move({time: 3})  move it; what is out of range goes to the nearest end
//     page.step(1)          a step further: after a sample's last step, the first one of the next
//     page.layer()          facts of the layer: name, cell, gates, states, meanings, spans, steps, units,
//                           shown (the numbers of the units on the page), go_backwards
//     page.steps()          how many steps of it are on the page: behind a RepeatVector not those of x
//     page.names(sample)    what the steps of the input are called; page.layerNames(sample, layer) and
//                           page.outputNames(sample) those of a layer and of the output
//     page.words            {number: word} of what an Embedding reads; page.namesNow(sample, x) what the
//                           steps are called where x has been changed
//     page.stepName(sample, time, layer)     a step in words: "3 (n)"; without a layer of the input
//     page.shown(sample)    its number among all; page.sampleNames() what the samples are called
//     page.allUnits(layer)  "all units", or in other words which
//     page.along(steps)     what is drawn from left to right: "time", or "sample" where each has one step;
//                           steps: as many has what is drawn, by default the input
//     page.columns(array)   the numbers of all these columns, as page.run and page.array have them; and
//     page.columnNames()    what they are called, of the layer at the cursor
//     page.run              the forward pass that is shown: page.run.array("lstm/f"), of (samples,
//                           steps, units), also "x", "y_hat", "lstm/masked"
//     page.array(name)      the same without any change, whatever page.run is
//     page.show(run)        let all panels show another one; page.show() the one without changes again
//     page.weights          {"lstm/kernel": Numbers}: those of page.run, but for changes
//     page.load(weights)    let all panels show other ones, those of an epoch, and page.load() those of
//                           the model again; changes are made again
//
// A panel with `export const recorded = true` shows the model of the report alone; that is said above it
// while others show changes or another epoch.
//
// A module is imported by its path in this folder: import { lines } from "drawing/lines.js".
// What several panels draw is in drawing/: map.js, lines.js, curves.js, table.js, colours.js, tooltip.js; the
// parts of a large panel are in a folder of its name.

import { select } from "d3-selection";
import { attempt, cursorOf } from "cursor.js";
import { bar } from "bar.js";
import { goTo } from "drawing/moving.js";
import { passOf } from "engine/run.js";
import { namingOf } from "naming.js";
import { read } from "numbers.js";
import * as input from "panels/input.js";
import * as gates from "panels/gates.js";
import * as step from "panels/step.js";
import * as gradients from "panels/gradients.js";
import * as influence from "panels/influence.js";
import * as state from "panels/state.js";
import * as whatif from "panels/whatif.js";
import * as weights from "panels/weights.js";
import * as training from "panels/training.js";
import * as checks from "panels/checks.js";
import * as followed from "panels/followed.js";

const PANELS = {
  input,
  gates,
  step,
  gradients,
  influence,
  state,
  whatif,
  weights,
  training,
  checks,
  followed,
};

const data = read(document.getElementById("data").textContent);
const page = pageOf(data);
document.getElementById("about").textContent = aboutOf(data);
bar(document.getElementById("cursor"), page);
for (const [name, module] of Object.entries(PANELS)) addPanel(name, module);
page.ready();
window.addEventListener("beforeprint", page.finish);

function pageOf(data) {
  const recorded = {
    arrays: { ...data.gates.arrays, x: data.input.x, y_hat: data.input.y_hat },
    array(name) {
      return this.arrays[name];
    },
  };
  const layers = data.gates.layers;
  const stepsOf = (layer) => recorded.array(`${layer.name}/masked`).shape[1];
  const counts = {
    layer: () => layers.length, // first, as others depend on it
    sample: () => data.samples.shown.length,
    time: (at) => stepsOf(layers[at.layer]),
    unit: (at) => layers[at.layer].shown.length,
    epoch: () => data.training?.epochs?.length ?? 1,
  };
  const busy = (is) => document.getElementById("panels").setAttribute("aria-busy", is);
  const cursor = cursorOf(counts, busy);
  const page = {
    data,
    cursor: cursor.at,
    move: cursor.move,
    listen: cursor.listen,
    ready: cursor.tellAll,
    finish: cursor.finish,
    run: recorded,
    unchanged: recorded,
    weights: data.network.weights,
    array: (name) => page.unchanged.array(name),
    layer: () => layers[cursor.at.layer],
    steps: () => stepsOf(page.layer()),
    ...namingOf(data, stepsOf),
    along: (steps = data.input.x.shape[1]) =>
      steps === 1 && data.samples.shown.length > 1 ? "sample" : "time",
    columns: (array) =>
      page.along(array.shape[1]) === "time" ? array.below(cursor.at.sample) : array.values,
    columnNames: () =>
      page.along(page.steps()) === "time"
        ? page.layerNames(cursor.at.sample, page.layer())
        : page.sampleNames(),
    show(run = page.unchanged) {
      page.run = run;
      cursor.tell("run");
    },
    load(weights = null) {
      const { changes = [] } = page.run;
      page.weights = weights ?? data.network.weights;
      page.unchanged = weights ? passOf(page) : recorded;
      page.show(changes.length ? passOf(page, { changes }) : page.unchanged);
    },
    step(by) {
      const { sample, time } = cursor.at,
        last = page.steps() - 1;
      const after = sample + by;
      if (time + by >= 0 && time + by <= last) cursor.move({ time: time + by });
      else if (after >= 0 && after < data.samples.shown.length)
        cursor.move({ sample: after, time: by > 0 ? 0 : last });
    },
  };
  return page;
}

function addPanel(name, module) {
  const section = select("#panels").append("section").attr("id", name);
  section.attr("aria-labelledby", `${name}-title`);
  section.append("h2").attr("id", `${name}-title`).text(module.title);
  select("#contents").append("a").attr("href", `#${name}`).text(module.title).on("click", goTo);
  const place = section.append("div").attr("class", "panel").node();
  const failed = (error) => place.replaceChildren(`This panel cannot be drawn: ${error.message}`);
  const update = attempt(() => module.panel(place, page), failed);
  if (update) page.listen(update, failed, isInView(section.node()));
  if (!module.recorded) return;
  const note = section
    .insert("p", ".panel")
    .attr("class", "warning as-recorded")
    .attr("hidden", "");
  note.text(
    "This panel stays as it was recorded: it is of the model of the report, and not of the changes or of " +
      "the epoch that other panels show.",
  );
  page.listen(() => note.attr("hidden", page.run.whole ? null : ""));
}

// Whether an element is in view, to be asked at any time.
function isInView(element) {
  let is = true; // until the browser has looked
  new IntersectionObserver((seen) => (is = seen.at(-1).isIntersecting)).observe(element);
  return () => is;
}

// Which model, and what of it is left out.
function aboutOf(data) {
  const { shown, all } = data.samples,
    steps = data.input.steps,
    on = data.input.x.shape[1];
  const layers = data.gates.layers;
  const parts = layers.map((one) => `${one.name} (${one.units} unit${one.units === 1 ? "" : "s"})`);
  const left = [];
  if (shown.length < all) left.push(`${shown.length} of ${all} samples`);
  if (on < steps) left.push(`the last ${on} of ${steps} steps`);
  for (const one of layers)
    if (one.shown.length < one.units)
      left.push(`${one.shown.length} of the ${one.units} units of ${one.name}`);
  const sampled = left.length ? ` To keep the file small, it shows ${left.join(", ")}.` : "";
  return `Recurrent layers: ${parts.join(", ")}.${sampled}`;
}
