// What samples, steps and units are called, for all panels in the same words.

// stepsOf(layer): how many steps of a layer are on the page.
export function namingOf(data, stepsOf) {
  const { input, samples } = data;
  const given = (sample) => data.names[data.names.length > 1 ? sample : 0];

  // Letters make a word, words a sentence.
  const joined = (words) => {
    const there = words.filter((word) => word !== "");
    return there.join(there.every((word) => [...word].length === 1) ? "" : " ");
  };

  // What stands for a step without a name, as padding has: nothing, or that it is masked.
  function nameless(sample, time, count, layer) {
    const masked = data.gates.arrays[`${layer.name}/masked`];
    return masked.shape[1] === count && masked.at(sample, time) ? "masked" : "";
  }

  // The names of the last `count` of `all` steps: those of the input where it has as many.
  function names(sample, count, all) {
    if (all === input.steps) return given(sample);
    return Array.from({ length: count }, (_, k) => String(all - count + k));
  }

  const words = data.named && input.numbers ? wordsOf(input.x, given) : new Map();

  return {
    words,
    names: given,
    namesNow: (sample, x) =>
      given(sample).map((name, t) => {
        const number = x.at(sample, t, 0);
        return input.numbers && number !== input.x.at(sample, t, 0)
          ? (words.get(number) ?? String(number))
          : name;
      }),
    layerNames: (sample, layer) => names(sample, stepsOf(layer), layer.steps),
    outputNames: (sample) => names(sample, input.y_hat.shape[1], input.y_steps),
    stepName(sample, time, layer) {
      const [count, all] = layer
        ? [stepsOf(layer), layer.steps]
        : [given(sample).length, input.steps];
      const number = String(all - count + time),
        name =
          names(sample, count, all)[time] ||
          nameless(sample, time, count, layer ?? data.gates.layers[0]);
      return name === number || name === "" ? number : `${number} (${name})`;
    },
    shown: (sample) => samples.shown[sample],
    sampleNames: () =>
      samples.shown.map((number, k) => (data.names.length > 1 ? joined(given(k)) : String(number))),
    allUnits: (layer) => (layer.shown.length < layer.units ? "the units on the page" : "all units"),
  };
}

// {number that an Embedding reads: its word}; none, where one number has several.
function wordsOf(x, namesOf) {
  const found = new Map(),
    [samples, steps] = x.shape;
  for (let n = 0; n < samples; n++)
    for (let t = 0; t < steps; t++) {
      const number = x.at(n, t, 0),
        word = namesOf(n)[t];
      if ((found.get(number) ?? word) !== word) return new Map();
      found.set(number, word);
    }
  return found;
}
