// The one small box beside the pointer; its text is never taken for HTML.

import { select } from "d3-selection";

let box;

export function say(event, text) {
  box ??= select("body").append("div").attr("class", "tooltip").attr("aria-hidden", "true");
  box.text(text).classed("shown", true);
  const { offsetWidth: width, offsetHeight: height } = box.node();
  const x = Math.min(event.clientX + 12, innerWidth - width - 4);
  const below = event.clientY + 16,
    y = below + height > innerHeight ? event.clientY - height - 8 : below;
  box.style("left", `${Math.max(0, x)}px`).style("top", `${y}px`);
}

export function hush() {
  box?.classed("shown", false);
}
