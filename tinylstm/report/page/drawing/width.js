// How wide a drawing is. To ask an element itself would have the whole page laid out at each drawing.

const drawings = new Set(); // {node, take}

// frame: a D3 selection; fit() is called when its width is known, and when it changes.
export function widthOf(frame, fit) {
  const node = frame.node();
  let width = 0;
  const take = (now) => {
    width = now;
    fit();
  };
  new ResizeObserver(([entry]) => take(entry.contentRect.width)).observe(node);
  drawings.add({ node, take });
  return () => width;
}

// All drawings at the width that they have now, at once: a printer waits for no observer.
export function fitAll() {
  for (const one of drawings) {
    if (one.node.isConnected) one.take(one.node.clientWidth);
    else drawings.delete(one);
  }
}
