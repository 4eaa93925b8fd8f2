// What if: an input, a state, a gate, a weight is another one, and everything after it follows.

import { select } from "d3-selection";
import { passOf } from "engine/run.js";
import { changesOf, wordsOf } from "whatif/changes.js";
import { ROWS } from "whatif/controls.js";
import { differences } from "whatif/difference.js";

export const title = "What if";

const NAMES = {
  input: "The input of this step",
  state: "The state that this step starts from",
  gate: "A gate, from this step on",
  weight: "A weight",
  start: "The start",
};

export function panel(place, page) {
  if (page.data.network.why) {
    place.append(`Nothing can be changed here. ${page.data.network.why}`);
    return undefined;
  }
  const recorded = passOf(page);
  const root = select(place);
  const about = root.append("p").attr("class", "note");
  const form = root.append("div").attr("class", "changes");
  const changes = changesOf((all) =>
    page.show(all.length ? passOf(page, { changes: all }) : undefined),
  );
  const rows = Object.entries(ROWS).map(([kind, row]) => {
    const set = form.append("fieldset").attr("data-kind", kind);
    set.append("legend").text(NAMES[kind]);
    return row(set, page, changes);
  });
  const list = listOf(root, page, changes);
  const shown = root.append("div").attr("class", "sides").attr("hidden", "");
  const difference = differences(shown.node(), page);

  return (moved) => {
    if (moved.has("run")) {
      list();
      shown.attr("hidden", changes.all().length ? null : "");
    }
    about.text(whereAt(page));
    const pass = page.run.whole ? page.run : recorded;
    for (const show of rows) show(pass);
    if (!changes.all().length) return;
    difference.fill();
    if (["run", "sample"].some((name) => moved.has(name))) difference.draw();
    difference.mark();
  };
}

function whereAt(page) {
  const { sample, time, unit } = page.cursor,
    layer = page.layer(),
    step = page.stepName(sample, time, layer);
  return (
    `At the cursor: sample ${page.shown(sample)}, step ${step}, unit ${layer.shown[unit]} of ${layer.name}. ` +
    "The panels follow, but for those that say that they stay. A gate that is held in all units, at 0 or at 1, " +
    "shows by the outputs below what it was needed for."
  );
}

// The changes that stand, each with a button that takes it back, and one for all; returns what writes them.
function listOf(root, page, changes) {
  const list = root.append("ul").attr("class", "made").attr("aria-live", "polite");
  const button = (place, kind, text) =>
    place.append("button").attr("type", "button").attr("class", kind).text(text);
  const reset = button(root, "reset", "Reset all changes").on("click", changes.reset);
  return () => {
    reset.property("disabled", changes.all().length === 0);
    const items = list
      .selectAll("li")
      .data(changes.all())
      .join((enter) => {
        const item = enter.append("li");
        button(item, "remove", "\u00d7");
        item.append("span");
        return item;
      });
    items.select("span").text((change) => wordsOf(change, page));
    items
      .select("button")
      .attr("aria-label", (change) => `Take back: ${wordsOf(change, page)}`)
      .on("click", (_, change) => changes.remove(change));
  };
}
