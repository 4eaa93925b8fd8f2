// Shares of units that do nothing, as `tinylstm.inside.idle_units` has them: gates that are always
// saturated, outputs that never move.

// [[what, share], ...], over all samples and steps that are not masked; none where all are.
export function idleUnits(page) {
  const { mostly, moved } = page.data.weights,
    layer = page.layer();
  const masked = page.run.array(`${layer.name}/masked`).values;
  if (masked.every((one) => one)) return [];
  const array = (name) => page.run.array(`${layer.name}/${name}`).values;
  const bounded = layer.gates.filter((gate) => layer.saturated[gate] !== null);
  return [
    ...bounded.map((gate) => [
      `${gate} always saturated`,
      saturated(array(gate), masked, layer.saturated[gate], mostly),
    ]),
    ["dead", still(array(layer.states[0]), masked, moved)],
  ];
}

// The share of units whose gate stands beyond its limits in that share of the steps or more.
function saturated(values, masked, [low, high], mostly) {
  const units = values.length / masked.length,
    counts = new Float64Array(units);
  let steps = 0;
  for (let step = 0; step < masked.length; step++) {
    if (masked[step]) continue;
    steps += 1;
    for (let unit = 0; unit < units; unit++) {
      const value = values[step * units + unit];
      if (value < low || value > high) counts[unit] += 1;
    }
  }
  return counts.filter((count) => count >= mostly * steps).length / units;
}

// The share of units whose numbers lie within so much.
function still(values, masked, moved) {
  const units = values.length / masked.length,
    lowest = new Float64Array(units).fill(Infinity),
    highest = new Float64Array(units).fill(-Infinity);
  for (let step = 0; step < masked.length; step++) {
    if (masked[step]) continue;
    for (let unit = 0; unit < units; unit++) {
      const value = values[step * units + unit];
      if (value < lowest[unit]) lowest[unit] = value;
      if (value > highest[unit]) highest[unit] = value;
    }
  }
  return highest.filter((high, unit) => high - lowest[unit] < moved).length / units;
}
