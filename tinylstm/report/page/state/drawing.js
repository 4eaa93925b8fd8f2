// One strip: a box a sample, and the ways of the state between them.

import { select } from "d3-selection";
import { css } from "drawing/colours.js";
import { hush, say } from "drawing/tooltip.js";
import { bothEnds, fitting, widthOfText } from "drawing/words.js";
import { HEAD, STROKES } from "state/signs.js";
import { HIGH, isIn, placesOf } from "state/view.js";
import { answerOf, nameOf, sizesOf, wordsOf } from "state/words.js";

const NAMES = [13, 11, 9], // sizes of letters: the first one with which a name has room, or the last one
  ANSWER = "11px"; // as in the style sheet
const bold = (size) => `600 ${size}px`; // likewise

// Draws the boxes of a view anew; returns them, a D3 selection.
export function drawStrip(svg, mode, view, page) {
  const places = placesOf(view),
    { state } = page.data;
  svg.selectAll("*").remove();
  svg.attr("width", places.width).attr("height", places.height);
  axes(svg, view, places, state);
  const inner = svg.append("svg");
  for (const [name, value] of Object.entries(places.inside)) inner.attr(name, value);
  const leaves = (box) => Array.isArray(box.from) && isIn(view, columnAndRow(box.from));
  const handed = mode.boxes.filter((box) => box.way.length && (isIn(view, box) || leaves(box)));
  ways(inner, handed, places); // behind the answers
  const boxes = inner
    .append("g")
    .selectAll("g")
    .data(mode.boxes.filter((box) => isIn(view, box)))
    .join("g")
    .attr("class", "box")
    .attr("role", "img")
    .attr("aria-label", (box) => wordsOf(mode, box, page));
  boxes.each(function (box) {
    drawBox(select(this), mode, box, places, page);
  });
  boxes
    .on("pointermove", (event, box) => say(event, wordsOf(mode, box, page)))
    .on("pointerleave", hush)
    .on("click", (_, box) => {
      const sample = page.data.samples.shown.indexOf(box.sample);
      if (sample >= 0) page.move({ sample });
    });
  starts(inner, boxes.data(), places);
  return boxes;
}

const columnAndRow = ([column, row]) => ({ column, row });

// Numbers of batches and rows, and where the next epoch begins.
function axes(svg, view, { inside, bottom, x, y }, state) {
  const axis = svg.append("g").attr("class", "axis");
  for (let k = view.column; k < view.column + view.columns; k++) {
    const name = axis.append("text").text(`batch ${k % state.batches}`);
    name
      .attr("text-anchor", "middle")
      .attr("x", inside.x + x(k))
      .attr("y", bottom + 14);
  }
  for (let k = view.row; k < view.row + view.rows; k++)
    axis
      .append("text")
      .attr("x", 2)
      .attr("y", inside.y + y(k) + 4)
      .text(`row ${k}`);
  if (view.column + view.columns <= state.batches) return;
  const between = inside.x + x(state.batches - 0.5);
  const line = svg.append("line").attr("class", "epoch");
  line.attr("x1", between).attr("x2", between).attr("y1", 0).attr("y2", bottom);
  const name = svg
    .append("text")
    .attr("class", "epoch-name")
    .attr("x", between + 5)
    .attr("y", 12);
  name.text(state.reset ? "reset, as after an epoch" : "again, without a reset");
}

// A sample: the sizes of its states, its name in it, and its answer below.
function drawBox(group, mode, box, { x, y, wide }, page) {
  const { side, layers, batches } = page.data.state,
    { largest } = layers[page.layer().name];
  const sizes = sizesOf(mode, box, page),
    height = (2 * side * HIGH) / sizes.length;
  const rect = (left, top, width, height) =>
    group.append("rect").attr("x", left).attr("y", top).attr("width", width).attr("height", height);
  const [left, top] = [x(box.column - side), y(box.row - side)];
  sizes.forEach((pair, k) =>
    pair.forEach((size, after) => {
      const cell = rect(x(box.column - side + after * side), top + k * height, side * wide, height);
      cell.attr("fill", css(Math.sqrt(size / largest), [0, 1])); // as in the figures
    }),
  );
  rect(left, top, 2 * side * wide, 2 * side * HIGH).attr("class", "edge");
  const name = nameOf(page, box.sample),
    room = 2 * side * wide - 4;
  const size = NAMES.find((one) => widthOfText(name, bold(one)) <= room) ?? NAMES.at(-1);
  group
    .append("text")
    .attr("class", "sample")
    .style("font-size", `${size}px`)
    .attr("x", x(box.column))
    .attr("y", y(box.row) + 5)
    .text(fitting(name, room, bold(size), bothEnds));
  if (box.column < batches) drawAnswer(group, mode, box, { x, y, wide }, page);
}

// Below a box, as long as a column is wide.
function drawAnswer(group, mode, box, { x, y, wide }, page) {
  const share = widthOfText(
    answerOf(mode, box, page, () => ""),
    ANSWER,
  );
  const text = answerOf(mode, box, page, (name) => fitting(name, wide - 4 - share, ANSWER));
  group
    .append("text")
    .attr("class", "answer")
    .attr("x", x(box.column))
    .attr("y", y(box.row + page.data.state.side) + 13)
    .text(text);
}

// Arrows from where a state comes from.
function ways(inner, boxes, { x, y, path }) {
  const group = inner.append("g");
  for (const box of boxes) {
    group.append("path").attr("class", `way ${box.kind}`).attr("d", path(box.way));
    const [a, b] = box.way.slice(-2).map(([column, row]) => [x(column), y(row)]);
    const angle = (Math.atan2(b[1] - a[1], b[0] - a[0]) * 180) / Math.PI;
    const head = group.append("path").attr("class", "head").attr("d", HEAD);
    head.attr("transform", `translate(${b[0]},${b[1]}) rotate(${angle})`);
  }
}

// Strokes where a sample starts from zeros, and a bar where the gradient stops.
function starts(inner, boxes, { x, y }) {
  const group = inner.append("g");
  for (const { cut, stop } of boxes) {
    if (cut) {
      const strokes = group.append("path").attr("class", "cut").attr("d", STROKES);
      strokes.attr("transform", `translate(${x(cut[0])},${y(cut[1])})`);
    }
    if (!stop) continue;
    const [columns, rows] = stop;
    const bar = group.append("line").attr("class", "stop");
    bar.attr("x1", x(columns[0])).attr("x2", x(columns[1]));
    bar.attr("y1", y(rows[0])).attr("y2", y(rows[1]));
  }
}
