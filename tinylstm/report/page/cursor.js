// The one cursor: where it is, who hears of it. All moves of a frame are told together.

// counts: {name: at => how many there are}.
export function cursorOf(counts) {
  const at = Object.fromEntries(Object.keys(counts).map((name) => [name, 0]));
  const listeners = [];
  let changed = new Set();

  function tell(name) {
    if (changed.size === 0) requestAnimationFrame(flush);
    changed.add(name);
  }

  function flush() {
    const changes = changed;
    changed = new Set();
    for (const { update, failed } of listeners) attempt(() => update(changes), failed);
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
    listen: (update, failed) => listeners.push({ update, failed }),
    tellAll: () => [...Object.keys(counts), "run"].forEach(tell),
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
