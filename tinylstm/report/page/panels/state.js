// The state hand-over: batches as columns, rows as lanes, in three modes with the same weights.

import { select } from "d3-selection";
import { byKeys, toEnds } from "drawing/moving.js";
import { colourScale } from "drawing/scale.js";
import { widthOf } from "drawing/width.js";
import { written } from "numbers.js";
import { drawStrip } from "state/drawing.js";
import { sign } from "state/signs.js";
import { around, isIn, placeOf } from "state/view.js";
import { introduction, summaryOf } from "state/words.js";

export const title = "Where the state goes";
export const recorded = true;

export function panel(place, page) {
  const { state } = page.data,
    root = select(place);
  const about = root.append("p");
  const scale = legend(root, state.words);
  const strips = root.append("div").attr("class", "strips");
  const updates = state.modes.map((mode) => strip(strips, mode, page));
  return (changes) => {
    if (changes.has("layer")) {
      const { box, largest } = state.layers[page.layer().name];
      about.text(introduction(state, page.layer().name, box, leavesOut(page)));
      const most = `${written(largest, 2)}, half way ${written(largest / 4, 2)} (root mean square over the units)`;
      scale([0, largest], ["size of the state: 0", most]);
    }
    if (["layer", "sample"].some((name) => changes.has(name)))
      for (const update of updates) update(changes.has("layer"));
  };
}

// Whether samples have names, and some in the strips none, as they are not on the page.
function leavesOut({ data: { named, samples, state } }) {
  const boxes = state.modes.flatMap((mode) => mode.boxes);
  return named && boxes.some((box) => !samples.shown.includes(box.sample));
}

// What the signs mean, and the colours; returns what draws the scale of these.
function legend(root, words) {
  const key = root.append("div").attr("class", "legend state-legend");
  for (const [kind, text] of Object.entries(words)) {
    const one = key.append("span");
    const svg = one.append("svg").attr("width", 34).attr("height", 16).attr("aria-hidden", "true");
    sign(svg.append("g").attr("transform", "translate(17,8)"), kind);
    one.append("span").text(text);
  }
  return colourScale(key);
}

// The strip of a mode; returns what is called after a move, with whether the layer is another one.
function strip(strips, mode, page) {
  const { state } = page.data,
    own = mode.mode === state.own;
  const figure = strips.append("figure").attr("class", "state-strip").attr("data-mode", mode.mode);
  figure.append("figcaption").text(mode.mode + (own ? " (as this model is)" : ""));
  if (mode.why) {
    figure.append("p").attr("class", "note").text(`Not for this model. ${mode.why}`);
    return () => {};
  }
  const summary = summaryOf(mode, state);
  const frame = figure.append("div").attr("class", "scrolls");
  byKeys(frame, page, `${mode.mode}: ${summary}`, amongSamples(page));
  const svg = frame.append("svg").attr("role", "presentation");
  figure.append("p").attr("class", "note").text(summary);
  for (const sentence of mode.doubts)
    figure.append("p").attr("class", "warning").text(`Warning: ${sentence}`);
  const wide = widthOf(frame, () => update(true));
  let view = null, // the columns and rows that are drawn
    boxes = null;

  function update(anew) {
    if (!wide()) return;
    const sample = page.shown(page.cursor.sample),
      at = placeOf(state, sample);
    if (anew || !isIn(view, at)) {
      view = around(at, state, wide());
      boxes = drawStrip(svg, mode, view, page);
    }
    boxes.classed("here", (box) => box.sample === sample && box.column < state.batches);
  }
  return update;
}

// From a sample to the one in the next batch, or in the next row.
function amongSamples(page) {
  const { rows } = page.data.state,
    { shown } = page.data.samples;
  const go = (by) => () => {
    const sample = shown.indexOf(page.shown(page.cursor.sample) + by);
    if (sample >= 0) page.move({ sample });
  };
  return {
    ...{ ArrowLeft: go(-rows), ArrowRight: go(rows), ArrowUp: go(-1), ArrowDown: go(1) },
    ...toEnds(page, () => "sample"),
  };
}
