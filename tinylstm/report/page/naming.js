// What samples, steps and units are called, for all panels in the same words.

// stepsOf(layer): how many steps of a layer are on the page.
export function namingOf(data, stepsOf) {
  const { input, samples } = data;
  const given = (sample) => data.names[data.names.length > 1 ? sample : 0];

  // Letters make a word, words a sentence.
  const joined = (words) => words.join(words.every((word) => [...word].length === 1) ? "" : " ");

  // The names of the last `count` of `all` steps: those of the input where it has as many.
  function names(sample, count, all) {
    if (all === input.steps) return given(sample);
    return Array.from({ length: count }, (_, k) => String(all - count + k));
  }

  return {
    names: given,
    layerNames: (sample, layer) => names(sample, stepsOf(layer), layer.steps),
    outputNames: (sample) => names(sample, input.y_hat.shape[1], input.y_steps),
    stepName(sample, time, layer) {
      const [count, all] = layer ? [stepsOf(layer), layer.steps] : [given(sample).length, input.steps];
      const number = String(all - count + time), name = names(sample, count, all)[time];
      return name === number ? number : `${number} (${name})`;
    },
    shown: (sample) => samples.shown[sample],
    sampleNames: () =>
      samples.shown.map((number, k) => (data.names.length > 1 ? joined(given(k)) : String(number))),
    allUnits: (layer) => (layer.shown.length < layer.units ? "the units on the page" : "all units"),
  };
}
