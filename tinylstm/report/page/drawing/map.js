// Maps: a colour a number, in columns and rows, below axes; on them crosses, and words where the pointer is.
//
//     const map = colourMap(place, { name, title, crosses: 2, wordsAt(column, row) });
//     map.draw({ names, numbers, span, values(column, row) });       NaN is grey
//     map.mark([{ column: 3 }, { row: 2 }]);                         what stands in a frame
//
//     const map = unitMap(place, page, { name: "f", title: "f: forget gate" });
//     map.draw({ values, span, masked, names, along });              another sample, layer or run
//     map.mark();                                                    the cursor has moved

import { pointer } from "d3-selection";
import { rowAxis, scaleOf, stepAxis } from "drawing/axes.js";
import { pixelsOf } from "drawing/colours.js";
import { byKeys, byPointer, ofUnits } from "drawing/moving.js";
import { plotIn } from "drawing/plot.js";
import { colourScale } from "drawing/scale.js";
import { hush, say } from "drawing/tooltip.js";
import { widthOf } from "drawing/width.js";
import { within, written } from "numbers.js";

const MARGIN = { left: 34, right: 4, above: 0, below: 20 };
const LEAST = 60,
  TALLEST = 200,
  ROW = 8; // pixels of a map, and of a row of it, from above

// numbers: those of the rows; names: those of the columns.
export function colourMap(place, { name, title, crosses, wordsAt }) {
  const plot = mapIn(place, { name, title, crosses }),
    { frame, svg } = plot;
  let shown = null,
    x = null,
    y = null,
    marked = [];

  svg.on("pointermove.say", (event) => {
    const { column, row } = placeAt(event);
    say(event, wordsAt(column, row));
  });
  svg.on("pointerleave", hush);
  const wide = widthOf(frame, fit);

  function placeAt(event) {
    const [left, top] = pointer(event, svg.node());
    const at = (scale, place, count) => within(scale.invert(place) + 0.5, count);
    return { column: at(x, left, shown.names.length), row: at(y, top, shown.numbers.length) };
  }

  function draw({ names, numbers, span, values, text = "" }) {
    const before = shown;
    shown = { names, numbers };
    plot.paint(names.length, numbers.length, span, values);
    plot.scale(span);
    plot.note.text(text).attr("hidden", text ? null : "");
    if (!before || !isSame(before.names, names) || !isSame(before.numbers, numbers)) fit();
  }

  function fit() {
    if (!shown || !wide()) return;
    const { names, numbers } = shown;
    const height = Math.max(LEAST, Math.min(TALLEST, numbers.length * ROW)),
      inside = plot.size(wide(), height);
    x = scaleOf("linear", [-0.5, names.length - 0.5], inside.x);
    y = scaleOf("linear", [numbers.length - 0.5, -0.5], inside.y);
    plot.canvas.style("left", `${inside.x[0]}px`).style("height", `${height}px`);
    plot.canvas.style("width", `${inside.x[1] - inside.x[0]}px`);
    stepAxis(plot.below, x, names);
    rowAxis(plot.beside, y, numbers);
    mark(marked);
  }

  // A frame around each {column} or {row}.
  function mark(places) {
    marked = places;
    if (x) places.forEach((place, k) => surround(plot.rects[k], place, x, y));
  }

  return { frame, svg, placeAt, draw, mark };
}

// What a map stands in: a caption with its scale, a canvas below the axes, frames on it, a note.
function mapIn(place, { name, title, crosses }) {
  const plot = plotIn(place, { kind: "map", margin: MARGIN }),
    { figure, caption, frame, svg } = plot;
  figure.attr("data-name", name);
  caption.append("span").attr("class", "title").text(title);
  const canvas = frame.insert("canvas", "svg");
  const rects = Array.from({ length: crosses }, () => svg.append("rect").attr("class", "cross"));
  return {
    ...{ ...plot, canvas, rects, scale: colourScale(caption), paint: painter(canvas.node()) },
    note: figure.append("p").attr("class", "note"),
  };
}

// Puts a frame around a column, or a row.
function surround(rect, { column, row }, x, y) {
  const [left, right] = column === undefined ? x.range() : [x(column - 0.5), x(column + 0.5)];
  const [under, above] = row === undefined ? y.range() : [y(row + 0.5), y(row - 0.5)];
  rect.attr("x", left).attr("width", right - left);
  rect.attr("y", above).attr("height", under - above);
}

// Units by steps of the layer at the cursor. values: a flat array, of each column the numbers of all units;
// masked(column): whether it is grey. With along: "sample" the columns are samples of one step each.
export function unitMap(place, page, { name, title }) {
  let shown = null;
  const map = colourMap(place, { name, title, crosses: 2, wordsAt });
  byKeys(map.frame, page, `${title}: map of units by steps`, ofUnits(page));
  byPointer(map.svg, page, (event) => {
    const { column, row } = map.placeAt(event);
    return { [shown.along]: column, unit: row };
  });

  function wordsAt(column, unit) {
    const { names, numbers, values, masked, along } = shown;
    const value = masked(column) ? "masked" : written(values[column * numbers.length + unit]);
    const what = along === "time" ? "step" : "sample";
    return `${name} of unit ${numbers[unit]} at ${what} ${names[column]}: ${value}`;
  }

  function draw({ values, span, masked = () => false, names, along = "time", text }) {
    const numbers = page.layer().shown,
      units = numbers.length;
    shown = { values, masked, names, numbers, along };
    const grey = names.map((_, column) => masked(column));
    const valueAt = (column, unit) => (grey[column] ? NaN : values[column * units + unit]);
    map.draw({ names, numbers, span, values: valueAt, text });
    mark();
  }

  function mark() {
    if (!shown) return;
    const column = within(page.cursor[shown.along], shown.names.length);
    map.mark([{ column }, { row: page.cursor.unit }]);
  }

  return { draw, mark };
}

const isSame = (a, b) => a.length === b.length && a.every((one, k) => one === b[k]);

// Paints a pixel a number; the style sheet lets pixels stay pixels.
export function painter(canvas) {
  const context = canvas.getContext("2d");
  let image = null;
  return (columns, rows, span, valueAt) => {
    if (canvas.width !== columns || canvas.height !== rows || !image) {
      Object.assign(canvas, { width: columns, height: rows });
      image = context.createImageData(columns, rows);
    }
    const pixels = new Uint32Array(image.data.buffer),
      colour = pixelsOf(span);
    for (let row = 0, k = 0; row < rows; row++)
      for (let column = 0; column < columns; column++, k++)
        pixels[k] = colour(valueAt(column, row));
    context.putImageData(image, 0, 0);
  };
}
