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
  const list = root.append("ul").attr("class", "made").attr("aria-live", "polite");
  const reset = root
    .append("button")
    .attr("type", "button")
    .attr("class", "reset")
    .text("Reset all changes");
  reset.on("click", changes.reset);
  const shown = root.append("div").attr("class", "sides").attr("hidden", "");
  const difference = differences(shown.node(), page);

  function write() {
    const all = changes.all();
    reset.property("disabled", all.length === 0);
    shown.attr("hidden", all.length ? null : "");
    list
      .selectAll("li")
      .data(all)
      .join((enter) => {
        const item = enter.append("li");
        item.append("button").attr("type", "button").attr("class", "remove").text("\u00d7");
        item.append("span");
        return item;
      })
      .each(function (change) {
        const words = wordsOf(change, page);
        select(this).select("span").text(words);
        select(this)
          .select("button")
          .attr("aria-label", `Take back: ${words}`)
          .on("click", () => changes.remove(change));
      });
  }

  return (moved) => {
    if (moved.has("run")) write();
    const { sample, time, unit } = page.cursor,
      layer = page.layer();
    about.text(
      `At the cursor: sample ${page.shown(sample)}, step ${page.stepName(sample, time, layer)}, unit ${layer.shown[unit]} of ${layer.name}. The panels follow, but for those that say that they stay.`,
    );
    const pass = page.run.whole ? page.run : recorded;
    for (const show of rows) show(pass);
    if (!changes.all().length) return;
    difference.fill();
    if (["run", "sample"].some((name) => moved.has(name))) difference.draw();
    difference.mark();
  };
}
