// How a drawing over time is used: a click or a drag goes to a place, arrow keys move the cursor.

// surface: a D3 selection of what is pointed at; placeAt(event) gives what page.move takes.
export function byPointer(surface, page, placeAt) {
  surface.on("pointerdown", (event) => {
    surface.node().setPointerCapture?.(event.pointerId);
    page.move(placeAt(event));
  });
  surface.on("pointermove.drag", (event) => {
    if (event.buttons === 1) page.move(placeAt(event));
  });
}

// A place that keys can go to, with a name for who does not see it. keys: {ArrowUp: () => ...}.
export function useKeys(place, name, keys) {
  place.attr("tabindex", 0).attr("role", "application").attr("aria-label", name);
  place.on("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
}

// The keys of a drawing over steps, and further ones.
export const byKeys = (place, page, name, keys = {}) =>
  useKeys(place, name, {
    ArrowLeft: () => page.step(-1),
    ArrowRight: () => page.step(1),
    ...toEnds(page, () => page.along(page.steps())),
    ...keys,
  });

export const ofUnits = (page) => ({
  ArrowUp: () => page.move({ unit: page.cursor.unit - 1 }),
  ArrowDown: () => page.move({ unit: page.cursor.unit + 1 }),
});

// To the first and the last one of what the cursor has a place in: name() is "time", "sample", "epoch".
export const toEnds = (page, name) => ({
  Home: () => page.move({ [name()]: 0 }),
  End: () => page.move({ [name()]: Infinity }),
});

// A click on a link within the page, which in a frame of a notebook would lead out of it.
export function goTo(event) {
  event.preventDefault();
  const target = document.querySelector(event.currentTarget.getAttribute("href"));
  target.setAttribute("tabindex", -1);
  target.focus({ preventScroll: true });
  target.scrollIntoView();
}
