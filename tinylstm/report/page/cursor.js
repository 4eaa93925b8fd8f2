// The one cursor: where it is, who hears of it. All moves of a frame are told together: to what is in
// view first, and to the rest as long as the frame has time, or in the frames after it.

const TIME = 4; // ms of a frame after which nobody further is told in it; the last one may need as much

// counts: {name: at => how many there are}; busy is called with whether somebody is still to be told;
// start: where it is at the start, if not at 0.
export function cursorOf(counts, busy, start = {}) {
  const at = { ...Object.fromEntries(Object.keys(counts).map((name) => [name, 0])), ...start };
  const listeners = [];
  let asked = false; // for a frame

  function tell(name) {
    for (const one of listeners) one.waits.add(name);
    ask();
  }

  function ask() {
    busy(true);
    if (!asked) requestAnimationFrame(() => flush(TIME));
    asked = true;
  }

  function flush(time) {
    const end = performance.now() + time;
    asked = false;
    for (const one of [...listeners.filter((one) => one.inView()), ...listeners]) {
      if (one.waits.size === 0) continue;
      const changes = one.waits;
      one.waits = new Set();
      attempt(() => one.update(changes), one.failed);
      if (performance.now() > end) break;
    }
    if (listeners.some((one) => one.waits.size > 0)) ask();
    else busy(false);
  }

  function move(wanted) {
    const before = { ...at };
    Object.assign(at, wanted);
    for (const [name, count] of Object.entries(counts))
      at[name] = Math.max(0, Math.min(Math.round(at[name]), count(at) - 1));
    for (const name of Object.keys(counts)) if (at[name] !== before[name]) tell(name);
  }

  return {
    at,
    move,
    tell,
    listen: (update, failed, inView = () => true) =>
      listeners.push({ update, failed, inView, waits: new Set() }),
    tellAll: () => [...Object.keys(counts), "run"].forEach(tell),
    finish: () => flush(Infinity),
  };
}

// What fails tells its own panel, and does not keep others from what they do.
export function attempt(what, failed) {
  try {
    return what();
  } catch (error) {
    console.error(error);
    failed?.(error);
    return undefined;
  }
}
