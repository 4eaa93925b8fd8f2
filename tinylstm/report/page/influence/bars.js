// A bar an input: how much it moves the output.

import { maxIndex } from "d3-array";
import { pointer } from "d3-selection";
import { numberAxis, scaleOf, stepAxis } from "drawing/axes.js";
import { byKeys } from "drawing/moving.js";
import { plotIn } from "drawing/plot.js";
import { hush, say } from "drawing/tooltip.js";
import { widthOf } from "drawing/width.js";
import { within, written } from "numbers.js";

const MARGIN = { left: 48, right: 8, above: 6, below: 22 },
  HEIGHT = 110,
  WIDEST = 120; // pixels of a bar

export function bars(root, page, inputs) {
  const plot = plotIn(root.node(), { kind: "input-bars", margin: MARGIN }),
    { svg } = plot;
  plot.caption.text("Orange: what moves it most. Line: the cursor.");
  byKeys(plot.frame, page, "Influence of each input: bars over steps");
  let shown = null,
    x = null,
    inside = null;

  const inputOf = (event) =>
    within(x.invert(pointer(event, svg.node())[0]) + 0.5, shown.names.length);
  svg.on("pointerdown", (event) => inputs.go(inputOf(event)));
  svg.on("pointermove", (event) => {
    const k = inputOf(event);
    say(event, `input ${shown.names[k]}: ${written(shown.values[k])}`);
  });
  svg.on("pointerleave", hush);
  const wide = widthOf(plot.frame, fit);

  function fit() {
    if (!shown || !wide()) return;
    inside = plot.size(wide(), HEIGHT);
    x = scaleOf("linear", [-0.5, shown.names.length - 0.5], inside.x);
    stepAxis(plot.below, x, shown.names);
    paint();
  }

  function paint() {
    const { values, span } = shown,
      y = scaleOf("linear", span, inside.y),
      width = Math.max(1, Math.min(WIDEST, 0.8 * (x(1) - x(0)))),
      most = maxIndex(values);
    numberAxis(plot.beside, "beside", y, 3);
    plot.drawn
      .selectAll("rect")
      .data(values)
      .join("rect")
      .attr("class", (_, k) => (k === most ? "bar most" : "bar"))
      .attr("data-value", (value) => value)
      .attr("x", (_, k) => x(k) - width / 2)
      .attr("width", width)
      .attr("y", (value) => y(value))
      .attr("height", (value) => inside.y[0] - y(value));
    plot.mark(x(inputs.here()));
  }

  return (now, isNew) => {
    shown = now;
    if (isNew || !inside) fit();
    else paint();
  };
}
