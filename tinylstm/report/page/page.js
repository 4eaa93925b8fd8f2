// What all panels know: the data, the cursor, the pass that is shown, and what things are called.
//
//     page.data             what Python wrote, by part: page.data.gates; arrays in it are `Numbers`
//     page.cursor           {sample, time, layer, unit, epoch}, numbers from 0: of the samples, steps,
//                           layers and units that are on the page
//     page.move({time: 3})  move it; what is out of range goes to the nearest end
//     page.step(1)          a step further: after a sample's last step, the first one of the next
//     page.layer()          facts of the layer: name, cell, gates, states, meanings, spans, steps, units,
//                           shown (the numbers of the units on the page), go_backwards
//     page.steps()          how many steps of it are on the page: behind a RepeatVector not those of x
//     page.names(sample)    what the steps of the input are called; page.layerNames(sample, layer) and
//                           page.outputNames(sample) those of a layer and of the output
//     page.words            {number: word} of what an Embedding reads; page.namesNow(sample, x) what the
//                           steps are called where x has been changed
//     page.stepName(sample, time, layer)     a step in words: "3 (n)"; without a layer of the input
//     page.shown(sample)    its number among all; page.sampleNames() what the samples are called
//     page.allUnits(layer)  "all units", or in other words which
//     page.along(steps)     what is drawn from left to right: "time", or "sample" where each has one step;
//                           steps: as many has what is drawn, by default the input
//     page.columns(array)   the numbers of all these columns, as page.run and page.array have them; and
//     page.columnNames()    what they are called, of the layer at the cursor
//     page.run              the forward pass that is shown: page.run.array("lstm/f"), of (samples,
//                           steps, units), also "x", "y_hat", "lstm/masked"
//     page.array(name)      the same without any change, whatever page.run is
//     page.show(run)        let all panels show another one; page.show() the one without changes again
//     page.weights          {"lstm/kernel": Numbers}: those of page.run, but for changes
//     page.load(weights)    let all panels show other ones, those of an epoch, and page.load() those of
//                           the model again; changes are made again

import { cursorOf } from "cursor.js";
import { passOf } from "engine/run.js";
import { namingOf } from "naming.js";

// busy(is) hears whether some panel is still to be told of a move.
export function pageOf(data, busy) {
  const { layers } = data.gates;
  const stepsOf = (layer) => data.gates.arrays[`${layer.name}/masked`].shape[1];
  const counts = {
    layer: () => layers.length, // first, as others depend on it
    sample: () => data.samples.shown.length,
    time: (at) => stepsOf(layers[at.layer]),
    unit: (at) => layers[at.layer].shown.length,
    epoch: () => data.training?.epochs?.length ?? 1,
  };
  const cursor = cursorOf(counts, busy, data.opens);
  const page = {
    data,
    cursor: cursor.at,
    move: cursor.move,
    listen: cursor.listen,
    ready: cursor.tellAll,
    finish: cursor.finish,
    layer: () => layers[cursor.at.layer],
    steps: () => stepsOf(page.layer()),
    ...namingOf(data, stepsOf),
  };
  return Object.assign(page, passes(page, cursor.tell), columns(page), stepping(page));
}

// The pass that is shown, and the weights that it has.
function passes(page, tell) {
  const { gates, input, network } = page.data;
  const arrays = { ...gates.arrays, x: input.x, y_hat: input.y_hat };
  const recorded = { array: (name) => arrays[name] };
  return {
    run: recorded,
    unchanged: recorded,
    weights: network.weights,
    array: (name) => page.unchanged.array(name),
    show(run = page.unchanged) {
      page.run = run;
      tell("run");
    },
    load(weights = null) {
      const { changes = [] } = page.run;
      page.weights = weights ?? network.weights;
      page.unchanged = weights ? passOf(page) : recorded;
      page.show(changes.length ? passOf(page, { changes }) : page.unchanged);
    },
  };
}

// What stands side by side: steps, or samples of one step each.
function columns(page) {
  const { input, samples } = page.data;
  const along = (steps = input.x.shape[1]) =>
    steps === 1 && samples.shown.length > 1 ? "sample" : "time";
  return {
    along,
    columns: (array) =>
      along(array.shape[1]) === "time" ? array.below(page.cursor.sample) : array.values,
    columnNames: () =>
      along(page.steps()) === "time"
        ? page.layerNames(page.cursor.sample, page.layer())
        : page.sampleNames(),
  };
}

// A step further or back, and on to the sample behind it.
function stepping(page) {
  return {
    step(by) {
      const { sample, time } = page.cursor,
        last = page.steps() - 1,
        after = sample + by;
      if (time + by >= 0 && time + by <= last) page.move({ time: time + by });
      else if (after >= 0 && after < page.data.samples.shown.length)
        page.move({ sample: after, time: by > 0 ? 0 : last });
    },
  };
}
