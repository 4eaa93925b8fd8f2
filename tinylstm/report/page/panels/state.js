// The state hand-over: batches as columns, rows as lanes, in three modes with the same weights.

import { select } from "d3-selection";
import { line } from "d3-shape";
import { classWithShare } from "drawing/answers.js";
import { css, gradient } from "drawing/colours.js";
import { byKeys } from "drawing/moving.js";
import { hush, say } from "drawing/tooltip.js";
import { widthOf } from "drawing/width.js";
import { written } from "numbers.js";

export const title = "Where the state goes";
export const recorded = true;

const WIDE = 78,
  HIGH = 66,
  LEFT = 44,
  RIGHT = 80,
  ABOVE = 26,
  BELOW = 22; // pixels of a column, of a lane
const COLUMNS = 8,
  LANES = 5; // that are drawn at once, at most
const BESIDE = 14; // pixels of what comes in from elsewhere
const LONG = 5; // letters of a name that fits into a box
const STROKES = "M-4,6L0,-6M0,6L4,-6"; // cut: the sample starts from zeros

export function panel(place, page) {
  const { state } = page.data,
    root = select(place);
  const about = root.append("p");
  const key = root.append("div").attr("class", "legend state-legend");
  for (const [kind, words] of Object.entries(state.words)) {
    const one = key.append("span");
    const sign = one.append("svg").attr("width", 34).attr("height", 16).attr("aria-hidden", "true");
    signOf(sign.append("g").attr("transform", "translate(17,8)"), kind);
    one.append("span").text(words);
  }
  const scale = key.append("span").attr("class", "scale");
  scale.append("span").text("size of the state: 0");
  scale
    .append("span")
    .attr("class", "strip")
    .style("background", gradient([0, 1]));
  const largest = scale.append("span");
  const strips = root.append("div").attr("class", "strips");
  const updates = state.modes.map((mode) => strip(strips, mode, page));
  return (changes) => {
    if (changes.has("layer")) {
      const layer = state.layers[page.layer().name];
      about.text(introduction(state, page.layer().name, layer.box));
      largest.text(`${written(layer.largest, 2)} (root mean square over the units)`);
    }
    if (["layer", "sample"].some((name) => changes.has(name)))
      updates.forEach((update) => update(changes.has("layer")));
  };
}

function introduction(state, layer, box) {
  const part = (shown, all, what) =>
    shown < all ? `the first ${shown} of ${all} ${what}` : `all ${what}`;
  return (
    `Layer ${layer} with the same weights and batches in each mode, as the engine ran it: a column is a batch, ` +
    `with its rows below each other; ${part(state.batches, state.all_batches, "batches")} and ${part(state.lanes, state.rows, "rows")} ` +
    `can be looked at, those around the sample at the cursor are drawn. After the last one comes the first one again, as a next epoch would. ` +
    `In a box: ${box}, before | after the sample; below it the answer.`
  );
}

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
  let view = null,
    boxes = null;

  function update(anew) {
    if (!wide()) return;
    const sample = page.shown(page.cursor.sample),
      at = placeOf(state, sample);
    if (anew || !isIn(view, at)) {
      view = around(at, state, wide());
      boxes = draw(svg, mode, view, page);
    }
    boxes.classed("here", (box) => box.sample === sample && box.column < state.batches);
  }
  return update;
}

// Where the state of a box came from.
const sourceOf = ({ from: [column, row] }) => ({ column, row });

// Where a sample is, as far as it is on the page.
function placeOf(state, sample) {
  return { column: Math.floor(sample / state.rows), row: sample % state.rows };
}

// The columns and rows that are drawn: {column, columns, row, rows}, so that a place is among them.
function around(at, state, width) {
  const fit = Math.max(2, Math.floor((width - LEFT - RIGHT) / WIDE));
  const columns = Math.min(COLUMNS, fit, state.batches + 1),
    rows = Math.min(LANES, state.lanes);
  const first = (k, count, all) => Math.max(0, Math.min(k - Math.floor(count / 2), all - count));
  return {
    columns,
    rows,
    column: first(at.column, columns, state.batches + 1),
    row: first(at.row, rows, state.lanes),
  };
}

function isIn(view, { column, row }) {
  const within = (k, first, count) => k >= first && k < first + count;
  return (
    view !== null && within(column, view.column, view.columns) && within(row, view.row, view.rows)
  );
}

// From a sample to the one in the next batch, or in the next row.
function amongSamples(page) {
  const { rows } = page.data.state,
    { shown } = page.data.samples;
  const go = (by) => () => {
    const sample = shown.indexOf(page.shown(page.cursor.sample) + by);
    if (sample >= 0) page.move({ sample });
  };
  const ends = { Home: () => page.move({ sample: 0 }), End: () => page.move({ sample: Infinity }) };
  return { ArrowLeft: go(-rows), ArrowRight: go(rows), ArrowUp: go(-1), ArrowDown: go(1), ...ends };
}

function draw(svg, mode, view, page) {
  const { state } = page.data;
  svg.selectAll("*").remove();
  const width = view.columns * WIDE,
    height = view.rows * HIGH;
  svg.attr("width", LEFT + width + RIGHT).attr("height", ABOVE + height + BELOW);
  const x = (column) => BESIDE + (column - view.column + 0.5) * WIDE,
    y = (row) => BESIDE + (row - view.row + 0.5) * HIGH;
  const path = line(
    (point) => x(point[0]),
    (point) => y(point[1]),
  );
  axes(svg, state, view);
  const inner = svg
    .append("svg")
    .attr("x", LEFT - BESIDE)
    .attr("y", ABOVE - BESIDE)
    .attr("width", BESIDE + width + WIDE / 2)
    .attr("height", BESIDE + height + 5);
  const boxes = inner
    .append("g")
    .selectAll("g")
    .data(mode.boxes.filter((box) => isIn(view, box)))
    .join("g")
    .attr("class", "box");
  boxes.each(function (box) {
    cells(select(this), mode, box, page, x, y);
  });
  boxes
    .append("rect")
    .attr("class", "edge")
    .attr("x", (box) => x(box.column - state.side))
    .attr("y", (box) => y(box.row - state.side))
    .attr("width", 2 * state.side * WIDE)
    .attr("height", 2 * state.side * HIGH);
  boxes
    .append("text")
    .attr("class", "sample")
    .attr("x", (box) => x(box.column))
    .attr("y", (box) => y(box.row) + 5)
    .text((box) => sampleName(page, box.sample));
  const aside = mode.mode === "batch_carried"; // the arrow goes down from the middle of a box
  boxes
    .filter((box) => box.column < state.batches)
    .append("text")
    .attr("class", "answer")
    .classed("aside", aside)
    .attr("x", (box) => x(box.column) + (aside ? 5 : 0))
    .attr("y", (box) => y(box.row + state.side) + 13)
    .text((box) => answerOf(mode, box, page));
  const leaves = (box) => Array.isArray(box.from) && isIn(view, sourceOf(box)); // what is handed on from a box
  const ways = mode.boxes.filter((box) => box.way.length && (isIn(view, box) || leaves(box)));
  inner
    .append("g")
    .selectAll("path")
    .data(ways)
    .join("path")
    .attr("class", (box) => `way ${box.kind}`)
    .attr("d", (box) => path(box.way));
  inner
    .append("g")
    .selectAll("path")
    .data(ways)
    .join("path")
    .attr("class", "head")
    .attr("d", "M0,0L-8,-4L-8,4Z")
    .attr("transform", (box) => headAt(box.way, x, y));
  const seen = boxes.data();
  inner
    .append("g")
    .selectAll("path")
    .data(seen.filter((box) => box.cut))
    .join("path")
    .attr("class", "cut")
    .attr("d", STROKES)
    .attr("transform", (box) => `translate(${x(box.cut[0])},${y(box.cut[1])})`);
  inner
    .append("g")
    .selectAll("line")
    .data(seen.filter((box) => box.stop))
    .join("line")
    .attr("class", "stop")
    .attr("x1", (box) => x(box.stop[0][0]))
    .attr("x2", (box) => x(box.stop[0][1]))
    .attr("y1", (box) => y(box.stop[1][0]))
    .attr("y2", (box) => y(box.stop[1][1]));
  boxes
    .on("pointermove", (event, box) => say(event, wordsOf(mode, box, page)))
    .on("pointerleave", hush);
  boxes.on("click", (_, box) => {
    const sample = page.data.samples.shown.indexOf(box.sample);
    if (sample >= 0) page.move({ sample });
  });
  return boxes;
}

// Numbers of batches and rows, and where the next epoch begins.
function axes(svg, state, view) {
  const axis = svg.append("g").attr("class", "axis"),
    bottom = ABOVE + view.rows * HIGH;
  const batches = Array.from({ length: view.columns }, (_, k) => (view.column + k) % state.batches);
  axis
    .selectAll("text")
    .data(batches)
    .join("text")
    .attr("text-anchor", "middle")
    .attr("x", (_, k) => LEFT + (k + 0.5) * WIDE)
    .attr("y", bottom + 14)
    .text((k) => `batch ${k}`);
  for (let k = 0; k < view.rows; k++)
    axis
      .append("text")
      .attr("x", 2)
      .attr("y", ABOVE + (k + 0.5) * HIGH + 4)
      .text(`row ${view.row + k}`);
  if (view.column + view.columns <= state.batches) return;
  const between = LEFT + (view.columns - 1) * WIDE;
  svg
    .append("line")
    .attr("class", "epoch")
    .attr("x1", between)
    .attr("x2", between)
    .attr("y1", 0)
    .attr("y2", bottom);
  svg
    .append("text")
    .attr("class", "epoch-name")
    .attr("x", between + 5)
    .attr("y", 12)
    .text(state.reset ? "reset, as after an epoch" : "again, without a reset");
}

// The sizes of the states: one below the other, before and after.
function cells(group, mode, box, page, x, y) {
  const { side, layers } = page.data.state,
    { largest } = layers[page.layer().name];
  const sizes = sizesOf(mode, box, page),
    count = sizes.length;
  sizes.forEach((pair, k) =>
    pair.forEach((size, after) => {
      group
        .append("rect")
        .attr("x", x(box.column - side + after * side))
        .attr("width", side * WIDE)
        .attr("y", y(box.row - side + (2 * side * k) / count))
        .attr("height", (2 * side * HIGH) / count)
        .attr("fill", css(size, [0, largest]));
    }),
  );
}

// [before, after] of each state of the layer at the cursor.
function sizesOf(mode, box, page) {
  const sizes = mode.sizes[page.layer().name].part(rowOf(box, page));
  return Array.from({ length: sizes.shape[0] }, (_, k) => [...sizes.below(k)]);
}

function headAt(points, x, y) {
  const [a, b] = points.slice(-2).map(([column, lane]) => [x(column), y(lane)]);
  const angle = (Math.atan2(b[1] - a[1], b[0] - a[0]) * 180) / Math.PI;
  return `translate(${b[0]},${b[1]}) rotate(${angle})`;
}

function signOf(group, kind) {
  if (kind === "cut") group.append("path").attr("class", "cut").attr("d", STROKES);
  else if (kind === "stop") group.append("path").attr("class", "stop").attr("d", "M0,-7V7");
  else {
    group.append("path").attr("class", `way ${kind}`).attr("d", "M-15,0H10");
    group.append("path").attr("class", "head").attr("d", "M14,0L6,-4L6,4Z");
  }
}

function sampleName(page, sample) {
  const place = page.data.samples.shown.indexOf(sample);
  const word = page.data.named && place >= 0 ? page.sampleNames()[place] : String(sample);
  return word.length > LONG ? String(sample) : word;
}

function rowOf(box, page) {
  return box.column * page.data.state.lanes + box.row;
}

function answerOf(mode, box, page) {
  const [first, likeliest, share] = mode.answers.below(rowOf(box, page));
  return page.data.input.kind === "numbers"
    ? written(first, 3)
    : classWithShare(page, likeliest, share);
}

function wordsOf(mode, box, page) {
  const from =
    { zeros: "zeros", given: "a state set from outside" }[box.from] ??
    `the state after batch ${box.from[0]}, row ${box.from[1]}`;
  const { states } = page.layer();
  const sizes = sizesOf(mode, box, page).map(
    ([before, after], k) => `${states[k]} ${written(before, 3)} before, ${written(after, 3)} after`,
  );
  return `Sample ${box.sample} starts from ${from}; size of ${sizes.join("; ")}`;
}

// How many samples got a state, and how many answers it changed.
function summaryOf(mode, state) {
  const boxes = mode.boxes.filter((box) => box.column < state.batches);
  const given = boxes.filter((box) => typeof box.from !== "string").length;
  const compared =
    mode === state.modes[0] ? "" : ` ${mode.moved} have other outputs than ${state.modes[0].mode}.`;
  return `${given} of ${boxes.length} ${boxes.length === 1 ? "sample starts" : "samples start"} from a state that was handed on.${compared}`;
}
