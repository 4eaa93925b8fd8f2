// What all drawings over two axes stand in: a figure with a caption, a frame that has the keyboard, and
// in it an SVG with an axis below and one beside; and how lines and dots are drawn on them.
//
//     const plot = plotIn(place, { kind: "lines", margin: { left: 40, right: 8, above: 6, below: 22 } });
//     const inside = plot.size(width, height);     of all of it, and of what is inside the axes

import { select } from "d3-selection";
import { line } from "d3-shape";
import { DASHES, colour, dash } from "drawing/colours.js";

export function plotIn(place, { kind, margin }) {
  const { left, right, above, below: under } = margin;
  const figure = select(place).append("figure").attr("class", kind);
  const caption = figure.append("figcaption");
  const frame = figure.append("div").attr("class", "frame");
  const svg = frame.append("svg").attr("aria-hidden", "true");
  const below = svg.append("g").attr("class", "axis"),
    beside = svg.append("g").attr("class", "axis");
  const drawn = svg.append("g"),
    at = svg.append("line").attr("class", "at").attr("visibility", "hidden");

  return {
    ...{ figure, caption, frame, svg, below, beside, drawn },
    // Gives the drawing its size; returns where its axes end: x from left to right, y from below.
    size(whole, height) {
      const x = [left, Math.max(left + 10, whole - right)],
        y = [above + height, above];
      svg.attr("width", whole).attr("height", above + height + under);
      below.attr("transform", `translate(0,${y[0]})`);
      beside.attr("transform", `translate(${left},0)`);
      at.attr("y1", y[0]).attr("y2", y[1]);
      return { x, y };
    },
    // A line from above to below at a place, in pixels; without one there is none.
    mark(place = null) {
      at.attr("visibility", place === null ? "hidden" : null);
      if (place !== null) at.attr("x1", place).attr("x2", place);
    },
  };
}

// Names with the colours and patterns of their lines.
export function legend(caption, names) {
  caption
    .selectAll("span.key")
    .data(names)
    .join("span")
    .attr("class", "key")
    .attr("data-dash", (_, k) => dash(k))
    .style("--colour", (_, k) => colour(k))
    .text((name) => name);
}

const FEW = 24; // numbers of a line that have a dot each

// Lines through {points: [[x, y], ...]}, with a gap where a scale has no place for one, and dots where
// they are few: a line of one number has no length.
export function strokes(group, series, x, y) {
  const there = ([, value]) => Number.isFinite(y(value));
  const path = line()
    .defined(there)
    .x((point) => x(point[0]))
    .y((point) => y(point[1]));
  group
    .selectAll("path")
    .data(series)
    .join("path")
    .style("stroke", (_, k) => colour(k))
    .attr("stroke-dasharray", (_, k) => DASHES[dash(k)])
    .attr("d", (one) => path(one.points));
  const dots = series.flatMap(({ points }, k) =>
    points.length <= FEW ? points.filter(there).map((point) => ({ point, k })) : [],
  );
  group
    .selectAll("circle")
    .data(dots)
    .join("circle")
    .attr("r", 2.5)
    .style("fill", ({ k }) => colour(k))
    .attr("cx", ({ point }) => x(point[0]))
    .attr("cy", ({ point }) => y(point[1]));
}
