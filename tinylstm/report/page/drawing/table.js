// Tables whose rows change.
//
//     const table = tableIn(place, {
//       kind: "nearest", name: "h",                            its class, and its data-name
//       head: ["step", "distance"],                            or none
//       columns: [{ text: (row) => row.step, go: (row) => ... }, { kind: "distance", text: ... }],
//     });
//     table.caption("Moments like this");
//     table.rows([{ step: 3, distance: 0.1 }], (row) => row.step);
//
// Of a column: kind, the class of its cells; text(row); go(row), what a click does: it is a button then;
// share(row), a number from 0 to 1 that is shown as a colour; bar(row), one that is shown as a length.
// The cells of the first column name their rows. What names a row for tests and styles, the second
// argument of rows, becomes its data-name.

import { select } from "d3-selection";
import { css, inkOn } from "drawing/colours.js";

const SHARE = [0, 1];

export function tableIn(place, { kind, name = null, head = [], columns }) {
  const table = select(place).append("table").attr("class", kind).attr("data-name", name);
  const caption = table.append("caption").attr("hidden", "");
  if (head.length) {
    const cells = table.append("thead").append("tr").selectAll("th").data(head).join("th");
    cells.attr("scope", "col").text((word) => word);
  }
  const body = table.append("tbody");

  return {
    caption: (text) => caption.text(text).attr("hidden", null),
    rows(data, rowName) {
      const rows = body
        .selectAll("tr")
        .data(data)
        .join((enter) => newRow(enter, columns));
      if (rowName) rows.attr("data-name", rowName);
      columns.forEach((column, k) =>
        fillColumn(rows.select(`:scope > :nth-child(${k + 1})`), column),
      );
    },
  };
}

function newRow(enter, columns) {
  const row = enter.append("tr");
  columns.forEach(({ kind, go, bar }, k) => {
    const cell = row.append(k === 0 ? "th" : "td").attr("class", kind ?? null);
    if (k === 0) cell.attr("scope", "row");
    if (go) cell.append("button").attr("type", "button");
    if (bar) cell.append("div");
  });
  return row;
}

function fillColumn(cells, { text, go, share, bar }) {
  const words = go ? cells.select("button").on("click", (_, row) => go(row)) : cells;
  if (text) words.text(text);
  if (bar) cells.select("div").style("width", (row) => `${100 * bar(row)}%`);
  if (share)
    cells
      .style("background", (row) => css(share(row), SHARE))
      .style("color", (row) => inkOn(share(row), SHARE));
}
