// How wide a drawing is. To ask an element itself would have the whole page laid out at each drawing.

// frame: a D3 selection; fit() is called when its width is known, and when it changes.
export function widthOf(frame, fit) {
  let width = 0;
  new ResizeObserver(([entry]) => {
    width = entry.contentRect.width;
    fit();
  }).observe(frame.node());
  return () => width;
}
