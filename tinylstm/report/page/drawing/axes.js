// Ticks along steps: names at as many of them as there is room for.

import { max } from "d3-array";
import { axisBottom } from "d3-axis";

const LETTER = 6.5; // pixels, of a tick's name
const LONGEST = 12; // letters of it

export function stepAxis(group, x, names) {
  const key = [...x.range(), ...names].join();
  if (group.property("drawn") === key) return;
  group.property("drawn", key);
  const words = names.map((name) =>
    name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}\u2026` : name,
  );
  const width = x(1) - x(0),
    longest = max(words, (word) => word.length);
  const every = Math.max(1, Math.ceil(((longest + 1) * LETTER) / width));
  const shown = names.map((_, k) => k).filter((k) => k % every === 0);
  group.call(
    axisBottom(x)
      .tickValues(shown)
      .tickFormat((k) => words[k])
      .tickSize(3)
      .tickSizeOuter(0),
  );
}
