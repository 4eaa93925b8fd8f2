// Which batches and rows of a strip are drawn, and where they are in it.

import { line } from "d3-shape";

export const HIGH = 66; // pixels of a row
const NARROW = 78,
  BROAD = 130; // of a column, which takes the room there is
const LEFT = 52,
  RIGHT = 80,
  ABOVE = 26,
  BELOW = 22; // pixels around all of them
export const BESIDE = 14; // pixels of what comes in from elsewhere
const COLUMNS = 8,
  ROWS = 5; // that are drawn at once, at most

// Where a sample is, as far as it is on the page.
export const placeOf = (state, sample) => ({
  column: Math.floor(sample / state.rows),
  row: sample % state.rows,
});

// The columns and rows that are drawn: {column, columns, row, rows}, and how wide a column is, so that a place is among them.
export function around(at, state, width) {
  const fit = Math.max(2, Math.floor((width - LEFT - RIGHT) / NARROW));
  const columns = Math.min(COLUMNS, fit, state.batches + 1),
    rows = Math.min(ROWS, state.lanes);
  const first = (k, count, all) => Math.max(0, Math.min(k - Math.floor(count / 2), all - count));
  return {
    ...{ columns, rows },
    wide: Math.max(NARROW, Math.min(BROAD, Math.floor((width - LEFT - RIGHT) / columns))),
    column: first(at.column, columns, state.batches + 1),
    row: first(at.row, rows, state.lanes),
  };
}

export function isIn(view, { column, row }) {
  const within = (k, first, count) => k >= first && k < first + count;
  return (
    view !== null && within(column, view.column, view.columns) && within(row, view.row, view.rows)
  );
}

// The pixels of a view: the whole drawing, and in it the part with the boxes, in which x(column) and
// y(row) are middles, and path(points) is a line through [column, row]s.
export function placesOf(view) {
  const { wide } = view,
    width = view.columns * wide,
    height = view.rows * HIGH;
  const x = (column) => BESIDE + (column - view.column + 0.5) * wide,
    y = (row) => BESIDE + (row - view.row + 0.5) * HIGH;
  return {
    ...{ width: LEFT + width + RIGHT, height: ABOVE + height + BELOW, bottom: ABOVE + height },
    inside: {
      ...{ x: LEFT - BESIDE, width: BESIDE + width + wide / 2 },
      ...{ y: ABOVE - BESIDE, height: BESIDE + height + 5 },
    },
    ...{ x, y, wide },
    path: line(
      (point) => x(point[0]),
      (point) => y(point[1]),
    ),
  };
}
