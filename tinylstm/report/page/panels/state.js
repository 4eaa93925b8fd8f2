// The state hand-over: batches as columns, rows as lanes, in three modes with the same weights.

import { select } from "d3-selection";
import { line } from "d3-shape";
import { answer } from "drawing/answers.js";
import { css, gradient } from "drawing/colours.js";
import { hush, say } from "drawing/tooltip.js";
import { written } from "numbers.js";

export const title = "Where the state goes";
export const recorded = true;

const WIDE = 78, HIGH = 66, LEFT = 44, ABOVE = 26, BELOW = 22; // pixels of a column, of a lane
const STROKES = "M-4,6L0,-6M0,6L4,-6"; // cut: the sample starts from zeros

export function panel(place, page) {
  const { state } = page.data, root = select(place);
  root.append("p").text(introduction(state));
  const key = root.append("div").attr("class", "legend state-legend");
  for (const [kind, words] of Object.entries(state.words)) {
    const one = key.append("span");
    const sign = one.append("svg").attr("width", 34).attr("height", 16).attr("aria-hidden", "true");
    signOf(sign.append("g").attr("transform", "translate(17,8)"), kind);
    one.append("span").text(words);
  }
  const scale = key.append("span").attr("class", "scale");
  scale.append("span").text("size of the state: 0");
  scale.append("span").attr("class", "strip").style("background", gradient([0, 1]));
  scale.append("span").text(`${written(state.largest, 2)} (root mean square over the units)`);
  const strips = root.append("div").attr("class", "strips");
  const marks = state.modes.map((mode) => strip(strips, mode, page));
  return () => marks.forEach((mark) => mark());
}

function introduction(state) {
  const rows = state.lanes < state.rows ? `${state.lanes} of its ${state.rows} rows` : "its rows";
  const shown = state.batches < state.all_batches ? `the first ${state.batches} of ${state.all_batches} batches` : "all batches";
  return `Layer ${state.layer} with the same weights and batches in each mode, as the engine ran it: a column ` +
    `is a batch, with ${rows} below each other; ${shown}, and the first one again, as a next epoch would. ` +
    `In a box: ${state.box}, before | after the sample; below it the answer.`;
}

function strip(strips, mode, page) {
  const { state } = page.data, own = mode.mode === state.own;
  const figure = strips.append("figure").attr("class", "state-strip").attr("data-mode", mode.mode);
  figure.append("figcaption").text(mode.mode + (own ? " (as this model is)" : ""));
  if (mode.why) {
    figure.append("p").attr("class", "note").text(`Not for this model. ${mode.why}`);
    return () => {};
  }
  const summary = summaryOf(mode, state);
  const frame = figure.append("div").attr("class", "scrolls").attr("tabindex", 0)
    .attr("role", "group").attr("aria-label", `${mode.mode}: ${summary}`);
  const here = draw(frame, mode, page);
  figure.append("p").attr("class", "note").text(summary);
  for (const sentence of mode.doubts)
    figure.append("p").attr("class", "warning").text(`Warning: ${sentence}`);
  return () => {
    const sample = page.shown(page.cursor.sample);
    here.classed("here", (box) => box.sample === sample && box.column < state.batches);
  };
}

function draw(frame, mode, page) {
  const { state } = page.data, columns = state.batches + 1;
  const svg = frame.append("svg").attr("role", "presentation");
  svg.attr("width", LEFT + columns * WIDE + 80).attr("height", ABOVE + state.lanes * HIGH + BELOW);
  const x = (column) => LEFT + (column + 0.5) * WIDE, y = (lane) => ABOVE + (lane + 0.5) * HIGH;
  const path = line((point) => x(point[0]), (point) => y(point[1]));
  axes(svg, state, x, y);
  const boxes = svg.append("g").selectAll("g").data(mode.boxes).join("g").attr("class", "box");
  boxes.each(function (box) { cells(select(this), box, state, x, y); });
  boxes.append("rect").attr("class", "edge").attr("x", (box) => x(box.column - state.side))
    .attr("y", (box) => y(box.row - state.side)).attr("width", 2 * state.side * WIDE).attr("height", 2 * state.side * HIGH);
  boxes.append("text").attr("class", "sample").attr("x", (box) => x(box.column)).attr("y", (box) => y(box.row) + 5)
    .text((box) => sampleName(page, box.sample));
  boxes.filter((box) => box.column < state.batches).append("text").attr("class", "answer")
    .attr("x", (box) => x(box.column)).attr("y", (box) => y(box.row + state.side) + 13)
    .text((box) => answerOf(mode, box, page));
  const ways = mode.boxes.filter((box) => box.way.length && box.way[0][1] < state.lanes);
  svg.append("g").selectAll("path").data(ways).join("path").attr("class", (box) => `way ${box.kind}`)
    .attr("d", (box) => path(box.way));
  svg.append("g").selectAll("path").data(ways).join("path").attr("class", "head").attr("d", "M0,0L-8,-4L-8,4Z")
    .attr("transform", (box) => headAt(box.way, x, y));
  svg.append("g").selectAll("path").data(mode.boxes.filter((box) => box.cut)).join("path").attr("class", "cut")
    .attr("d", STROKES).attr("transform", (box) => `translate(${x(box.cut[0])},${y(box.cut[1])})`);
  svg.append("g").selectAll("line").data(mode.boxes.filter((box) => box.stop)).join("line").attr("class", "stop")
    .attr("x1", (box) => x(box.stop[0][0])).attr("x2", (box) => x(box.stop[0][1]))
    .attr("y1", (box) => y(box.stop[1][0])).attr("y2", (box) => y(box.stop[1][1]));
  boxes.on("pointermove", (event, box) => say(event, wordsOf(mode, box, page))).on("pointerleave", hush);
  boxes.on("click", (_, box) => {
    const sample = page.data.samples.shown.indexOf(box.sample);
    if (sample >= 0) page.move({ sample });
  });
  return boxes;
}

// Numbers of batches and rows, and where the next epoch begins.
function axes(svg, state, x, y) {
  const axis = svg.append("g").attr("class", "axis");
  const names = Array.from({ length: state.batches }, (_, k) => `batch ${k}`);
  axis.selectAll("text").data([...names, "batch 0"]).join("text").attr("text-anchor", "middle")
    .attr("x", (_, k) => x(k)).attr("y", y(state.lanes - 0.5) + 14).text((name) => name);
  for (let row = 0; row < state.lanes; row++)
    axis.append("text").attr("x", 2).attr("y", y(row) + 4).text(`row ${row}`);
  const between = x(state.batches) - WIDE / 2;
  svg.append("line").attr("class", "epoch").attr("x1", between).attr("x2", between).attr("y1", 0).attr("y2", y(state.lanes - 0.5));
  svg.append("text").attr("class", "epoch-name").attr("x", between + 5).attr("y", 12)
    .text(state.reset ? "reset, as after an epoch" : "again, without a reset");
}

// The sizes of the states: one below the other, before and after.
function cells(group, box, state, x, y) {
  const { side, largest } = state, count = box.sizes.length;
  box.sizes.forEach((pair, k) =>
    pair.forEach((size, after) => {
      group.append("rect").attr("x", x(box.column - side + after * side)).attr("width", side * WIDE)
        .attr("y", y(box.row - side + (2 * side * k) / count)).attr("height", (2 * side * HIGH) / count)
        .attr("fill", css(size, [0, largest]));
    }),
  );
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
  const place = page.data.samples.shown.indexOf(sample), names = place < 0 ? [] : page.names(place);
  const word = names.join("");
  return !page.data.named || word.length > 6 ? String(sample) : word;
}

function answerOf(mode, box, page) {
  return answer(page, mode.y_hat.below(rowOf(box, page.data.state)));
}

// Which of a mode's answers is that of a box.
const rowOf = (box, { lanes }) => box.column * lanes + box.row;

function wordsOf(mode, box, page) {
  const from = { zeros: "zeros", given: "a state set from outside" }[box.from] ??
    `the state after batch ${box.from[0]}, row ${box.from[1]}`;
  const states = page.data.gates.layers[0].states;
  const sizes = box.sizes.map(([before, after], k) => `${states[k]} ${written(before, 3)} before, ${written(after, 3)} after`);
  return `Sample ${box.sample} starts from ${from}; size of ${sizes.join("; ")}`;
}

// How many samples got a state, and how many answers it changed.
function summaryOf(mode, state) {
  const boxes = mode.boxes.filter((box) => box.column < state.batches);
  const given = boxes.filter((box) => typeof box.from !== "string").length;
  const [plain] = state.modes; // in which nothing is handed on
  const rows = boxes.map((box) => rowOf(box, state));
  const moved = rows.filter((row) => mode.y_hat.below(row).some((value, k) => value !== plain.y_hat.below(row)[k]));
  const compared = mode === plain ? "" : ` ${moved.length} have other outputs than ${plain.mode}.`;
  return `${given} of ${boxes.length} samples start from a state that was handed on.${compared}`;
}
