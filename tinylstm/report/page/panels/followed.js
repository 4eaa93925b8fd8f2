// What units follow, ranked; and the moments whose state is most like that of the cursor's.

import { select } from "d3-selection";
import { nearest } from "followed/nearest.js";
import { ranking } from "followed/ranking.js";

export const title = "What units follow, similar moments";

export function panel(place, page) {
  const root = select(place);
  const ranks = ranking(root, page);
  const similar = nearest(root, page);
  return (changes) => {
    if (changes.has("layer") || changes.has("run")) ranks.compute();
    ranks.mark();
    if (["sample", "time", "layer", "run"].some((name) => changes.has(name))) similar();
  };
}
