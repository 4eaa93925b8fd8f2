// Lines over steps: a colour and a pattern each, so that they can be told apart without colours.
//
//     const chart = lines(place, page, { name: "gates of the unit" });
//     chart.draw({ series: [{ name: "f", values }], names, span: [0, 1] });
//     chart.mark();                                          the cursor has moved
//
// With along: "sample" there is a sample at each place, and not a step. With log: true the scale is
// logarithmic, and what is not above zero is left out.

import { pointer } from "d3-selection";
import { numberAxis, roundEnds, scaleOf, stepAxis } from "drawing/axes.js";
import { byKeys, byPointer, ofUnits } from "drawing/moving.js";
import { legend, plotIn, strokes } from "drawing/plot.js";
import { hush, say } from "drawing/tooltip.js";
import { widthOf } from "drawing/width.js";
import { within, writtenAtStep } from "numbers.js";

const MARGIN = { left: 44, right: 8, above: 6, below: 22 };
const DECADES = 12; // of a logarithmic scale, at most

export function lines(place, page, { name, height = 200, units = true }) {
  const plot = plotIn(place, { kind: "lines", margin: MARGIN }),
    { svg } = plot;
  plot.caption.attr("class", "legend");
  byKeys(plot.frame, page, `${name}: lines over steps`, units ? ofUnits(page) : {});
  const zero = zeroLine(svg);
  let shown = null,
    x = null;

  const placeAt = (event) =>
    within(x.invert(pointer(event, svg.node())[0]) + 0.5, shown.names.length);
  byPointer(svg, page, (event) => ({ [shown.along]: placeAt(event) }));
  svg.on("pointermove.say", (event) => say(event, wordsAt(shown, placeAt(event))));
  svg.on("pointerleave", hush);
  const wide = widthOf(plot.frame, fit);

  function draw({ series, names, log = false, span = null, along = "time" }) {
    const kind = log ? "log" : "linear";
    shown = { series, names, along, kind, span: span ?? spanOf(series, kind) };
    legend(
      plot.caption,
      series.map((one) => one.name),
    );
    fit();
  }

  function fit() {
    if (!shown || !wide()) return;
    const { series, names, span, kind } = shown,
      inside = plot.size(wide(), height);
    x = scaleOf("linear", [-0.5, names.length - 0.5], inside.x);
    const y = scaleOf(kind, span, inside.y);
    stepAxis(plot.below, x, names);
    numberAxis(plot.beside, "beside", y, 5);
    zero(span, y, inside);
    strokes(plot.drawn, series.map(pointsOf), x, y);
    mark();
  }

  function mark() {
    if (x) plot.mark(x(Math.min(page.cursor[shown.along], shown.names.length - 1)));
  }

  return { draw, mark };
}

// A line at 0, where the span goes across it.
function zeroLine(svg) {
  const line = svg.append("line").attr("class", "zero");
  return (span, y, inside) => {
    const crosses = span[0] < 0 && span[1] > 0,
      level = crosses ? y(0) : 0;
    line
      .attr("visibility", crosses ? null : "hidden")
      .attr("y1", level)
      .attr("y2", level);
    line.attr("x1", inside.x[0]).attr("x2", inside.x[1]);
  };
}

// What all lines are at a place.
function wordsAt({ series, names, along }, place) {
  const what = along === "time" ? "step" : "sample";
  const words = series.map((one) => `${one.name} ${writtenAtStep(one.values[place])}`);
  return `${what} ${names[place]}: ${words.join(", ")}`;
}

const pointsOf = ({ values }) => ({ points: Array.from(values, (value, k) => [k, value]) });

// Round numbers around all those that have a place on a scale; around 0 where there are none.
function spanOf(series, kind) {
  const isLog = kind === "log",
    there = isLog ? (value) => value > 0 && value < Infinity : Number.isFinite;
  const values = series.flatMap((one) => Array.from(one.values).filter(there));
  if (values.length === 0) return isLog ? [0.1, 1] : [-1, 1];
  const [low, high] = roundEnds(values, kind);
  return [isLog ? Math.max(low, high / 10 ** DECADES) : low, high];
}
