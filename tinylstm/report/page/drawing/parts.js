// What several panels are made of: a choice, and a row of numbers below their names.

import { select } from "d3-selection";
import { writtenAtStep } from "numbers.js";

// One of several words, {name: text}, the first one at the start; told(name) hears of another.
export function choice(place, { id, label, words }, told) {
  const row = place
    .append("div")
    .attr("class", "choice")
    .attr("role", "radiogroup")
    .attr("aria-label", label);
  Object.entries(words).forEach(([name, text], k) => {
    const one = row.append("label");
    one
      .append("input")
      .attr("type", "radio")
      .attr("name", id)
      .attr("value", name)
      .property("checked", k === 0)
      .on("change", () => told(name));
    one.append("span").text(text);
  });
}

// A table with [{name, value}, ...] side by side; fill(cells) writes them.
export function numbersTable(place) {
  const table = place.append("table").attr("class", "numbers");
  const texts = { th: (one) => one.name, td: (one) => writtenAtStep(one.value) };
  return (cells) => {
    table
      .selectAll("tr")
      .data(Object.keys(texts))
      .join("tr")
      .each(function (tag) {
        select(this)
          .selectAll(tag)
          .data(cells)
          .join(tag)
          .attr("data-name", (one) => one.name)
          .attr("scope", tag === "th" ? "col" : null)
          .text(texts[tag]);
      });
  };
}
