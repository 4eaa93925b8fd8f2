// Which number has which colour: the ends of a span, and its colours between them.

import { gradient } from "drawing/colours.js";
import { writtenShort } from "numbers.js";

// Returns what is called with a span [low, high]; and, if need be, with words for its ends.
export function colourScale(place) {
  const scale = place.append("span").attr("class", "scale");
  const low = scale.append("span"),
    strip = scale.append("span").attr("class", "strip"),
    high = scale.append("span");
  return (span, words = span.map(writtenShort)) => {
    low.text(words[0]);
    strip.style("background", gradient(span));
    high.text(words[1]);
  };
}
