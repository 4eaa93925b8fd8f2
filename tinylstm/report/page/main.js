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
// only `page`, never each other; what it has stands in page.js.
//
// A panel with `export const recorded = true` shows the model of the report alone; that is said above it
// while others show changes or another epoch.
//
// A module is imported by its path in this folder: import { lines } from "drawing/lines.js".
// What several panels draw is in drawing/: map.js, lines.js, curves.js, table.js, colours.js, tooltip.js; the
// parts of a large panel are in a folder of its name.

import { select } from "d3-selection";
import { attempt } from "cursor.js";
import { bar } from "bar.js";
import { goTo } from "drawing/moving.js";
import { fitAll } from "drawing/width.js";
import { read } from "numbers.js";
import { pageOf } from "page.js";
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

const PAPER = "700px"; // of A4 and of Letter, between their margins

const data = read(document.getElementById("data").textContent);
const page = pageOf(data, (is) => document.getElementById("panels").setAttribute("aria-busy", is));
document.getElementById("about").textContent = aboutOf(data);
bar(document.getElementById("cursor"), page);
for (const [name, module] of Object.entries(PANELS)) addPanel(name, module);
page.ready();
window.addEventListener("beforeprint", () => {
  page.finish();
  drawnFor(PAPER);
});
window.addEventListener("afterprint", () => drawnFor(null));

// All drawings as wide as a paper, or as the window.
function drawnFor(width) {
  select("body").style("width", width);
  fitAll();
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
  const { shown, all, asked } = data.samples,
    steps = data.input.steps,
    on = data.input.x.shape[1];
  const layers = data.gates.layers;
  const parts = layers.map((one) => `${one.name} (${one.units} unit${one.units === 1 ? "" : "s"})`);
  const left = [];
  const some = shown.length < all ? [`${shown.length} of ${all} samples`] : [];
  if (!asked) left.push(...some);
  if (on < steps) left.push(`the last ${on} of ${steps} steps`);
  for (const one of layers)
    if (one.shown.length < one.units)
      left.push(`${one.shown.length} of the ${one.units} units of ${one.name}`);
  const shows = (which, why) => (which.length ? ` ${why} shows ${which.join(", ")}.` : "");
  const wanted = asked ? shows(some, "It") : "";
  return `Recurrent layers: ${parts.join(", ")}.${wanted}${shows(left, "To keep the file small, it")}`;
}
