// The signs of a strip: an arrow where a state is handed on, strokes where it is cut, a bar where the
// gradient stops.

export const STROKES = "M-4,6L0,-6M0,6L4,-6"; // cut: the sample starts from zeros
export const HEAD = "M0,0L-8,-4L-8,4Z"; // of an arrow, its point at 0, 0

// One of them, in the legend.
export function sign(group, kind) {
  if (kind === "cut") group.append("path").attr("class", "cut").attr("d", STROKES);
  else if (kind === "stop") group.append("path").attr("class", "stop").attr("d", "M0,-7V7");
  else {
    group.append("path").attr("class", `way ${kind}`).attr("d", "M-15,0H10");
    const head = group.append("path").attr("class", "head").attr("d", HEAD);
    head.attr("transform", "translate(14,0)");
  }
}
