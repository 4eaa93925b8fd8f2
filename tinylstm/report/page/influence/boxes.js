// The inputs as boxes, the darker the more they move the output; grey: not at all.

import { css, inkOn } from "drawing/colours.js";
import { written } from "numbers.js";

export function boxes(root, inputs) {
  const row = root.append("div").attr("class", "letters");
  return ({ values, names, span }) => {
    const shade = (k) => (values[k] === 0 ? NaN : values[k]);
    row
      .selectAll("button")
      .data(names)
      .join("button")
      .attr("type", "button")
      .attr("tabindex", -1)
      .attr("title", (_, k) => written(values[k]))
      .style("background", (_, k) => css(shade(k), span))
      .style("color", (_, k) => inkOn(shade(k), span))
      .text((name) => name)
      .on("click", (event) =>
        inputs.go(row.selectAll("button").nodes().indexOf(event.currentTarget)),
      );
  };
}
