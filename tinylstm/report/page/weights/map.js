// A map of a tensor, its gates side by side; what the pointer is at is said, and a click goes to its unit.

import { leastIndex } from "d3-array";
import { painter } from "drawing/map.js";
import { byKeys, byPointer, ofUnits } from "drawing/moving.js";
import { colourScale } from "drawing/scale.js";
import { hush, say } from "drawing/tooltip.js";
import { within, written } from "numbers.js";

const ROWS = { W: "feature", U: "unit of the step before" };
const BIASES = ["of x", "of h_prev"]; // rows of b, where it has two
const TALLEST = 260,
  LEAST = 14; // pixels of a map, of a row of it

export function weightMap(place, page, layer, letter) {
  const tensor = () => page.weights[layer.tensors[letter]],
    { shape } = tensor(),
    span = layer.spans[letter];
  const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape,
    units = columns / layer.gates.length;
  const figure = place.append("figure").attr("class", "weight-map").attr("data-name", letter);
  heading(figure, letter, rows, span);
  gateNames(figure, layer, units);
  const frame = figure.append("div").attr("class", "frame");
  byKeys(frame, page, `${letter} of ${layer.name} by gate: map of weights`, ofUnits(page));
  const canvas = frame.append("canvas").attr("aria-hidden", "true");
  canvas.style("height", `${Math.max(LEAST, Math.min(TALLEST, rows * LEAST))}px`);
  const paint = painter(canvas.node()),
    mark = marks(frame, layer, letter, units);

  function placeAt(event) {
    const box = canvas.node().getBoundingClientRect();
    const column = within(((event.clientX - box.left) / box.width) * columns, columns);
    return { column, row: within(((event.clientY - box.top) / box.height) * rows, rows) };
  }

  byPointer(frame, page, (event) => ({
    unit: nearest(page.layer().shown, placeAt(event).column % units),
  }));
  frame.on("pointermove.say", (event) => {
    const { column, row } = placeAt(event),
      from = rows > 1 ? `, ${letter === "b" ? BIASES[row] : `${ROWS[letter]} ${row}`}` : "",
      gate = layer.gates[Math.floor(column / units)];
    const value = written(tensor().values[row * columns + column]);
    say(event, `${letter} of gate ${gate}, unit ${column % units}${from}: ${value}`);
  });
  frame.on("pointerleave", hush);

  return {
    draw() {
      const { values } = tensor();
      paint(columns, rows, span, (column, row) => values[row * columns + column]);
    },
    mark: () => mark(page.layer().shown[page.cursor.unit]),
  };
}

function heading(figure, letter, rows, span) {
  const caption = figure.append("figcaption");
  const each = letter === "b" ? BIASES.join(" and ") : `one for each ${ROWS[letter]}`;
  const of = rows > 1 ? `: ${rows} rows, ${each}, from above; ` : ": ";
  caption.append("span").attr("class", "title").text(`${letter}${of}a column is a unit of a gate`);
  colourScale(caption)(span);
}

// Each gate above its columns, between the numbers of its first and its last unit.
function gateNames(figure, layer, units) {
  const row = figure.append("div").attr("class", "gate-names").attr("aria-hidden", "true");
  const gates = row.selectAll("span").data(layer.gates).join("span");
  gates.append("small").text("0");
  gates.append("b").text((gate) => gate);
  gates.append("small").text(units - 1);
}

// Frames around the columns of a unit, one in each gate, and in U around its row; returns what moves them.
function marks(frame, layer, letter, units) {
  const mark = () => frame.append("div").attr("class", "unit-mark");
  const columns = layer.gates.map(mark),
    row = letter === "U" ? mark() : null;
  const share = (k, all) => `${(100 * k) / all}%`,
    all = units * layer.gates.length;
  return (unit) => {
    columns.forEach((one, gate) => {
      one.style("left", share(gate * units + unit, all)).style("width", share(1, all));
      one.style("top", 0).style("height", "100%");
    });
    row?.style("left", 0).style("width", "100%");
    row?.style("top", share(unit, units)).style("height", share(1, units));
  };
}

// The place of the number that is nearest.
const nearest = (numbers, wanted) => leastIndex(numbers, (one) => Math.abs(one - wanted));
