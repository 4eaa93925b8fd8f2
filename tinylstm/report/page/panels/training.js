// The training: losses, norms of gradients, clipping; and the epoch whose weights the page shows.

import { leastIndex } from "d3-array";
import { select } from "d3-selection";
import { curves } from "drawing/curves.js";
import { toEnds } from "drawing/moving.js";
import { written } from "numbers.js";

export const title = "Training";

export function panel(place, page) {
  const { training, network } = page.data;
  if (!training) {
    place.append(
      "Nothing was recorded: model.fit(..., callbacks=[recorder]), and report(..., recorder=recorder).",
    );
    return;
  }
  const root = select(place),
    { epochs } = training;
  page.move({ epoch: epochs.length - 1 });
  const said = root.append("p").attr("class", "epoch");
  root.append("p").attr("class", "note").text(note(page.data));
  const row = root.append("div").attr("class", "charts");
  const charts = [...ofLogs(row, page), ...ofGradients(row, page)];
  const last = epochs.length - 1; // the model as it is
  let now = last; // whose weights the page shows

  return (changes) => {
    if (!changes.has("epoch")) return;
    const epoch = epochs[page.cursor.epoch];
    for (const chart of charts) chart.mark(epoch);
    said.text(sentence(page.data, epoch));
    if (network.why || page.cursor.epoch === now) return;
    now = page.cursor.epoch;
    page.load(now === last ? null : weightsAt(training, now));
  };
}

function note({ training, network }) {
  const recorded = training.epochs.filter((epoch) => epoch !== null).length,
    { kept } = training;
  const some =
    recorded < kept ? ` Of ${kept} epochs with weights, ${recorded} are on the page.` : "";
  const stay = ` Its weights are not shown: other panels stay. ${network.why}`;
  return `A click on a curve, the arrow keys on it, or the slider above choose an epoch.${network.why ? stay : some}`;
}

// What an epoch's numbers are, and whose weights the panels show.
function sentence({ training, network }, epoch) {
  if (epoch === null)
    return `The model now: its weights are not those after epoch ${training.epochs.at(-2)}, recorded last.`;
  if (network.why) return numbersAt(training, epoch);
  const then = epoch === 0 ? "then" : "after it";
  return `${numbersAt(training, epoch)}; the panels show the weights ${then}, but for those that say that they stay.`;
}

// {name: array} of one of the epochs on the page.
function weightsAt({ weights }, k) {
  return Object.fromEntries(Object.entries(weights).map(([name, all]) => [name, all.part(k)]));
}

function numbersAt(training, epoch) {
  const { numbers, logs, norms, clips, clipped, batches } = training,
    k = numbers.indexOf(epoch);
  if (k < 0) return "Before the first epoch";
  const words = Object.entries(logs).map(
    ([name, array]) => `${name} ${written(array.values[k])}${unitOf(training, name)}`,
  );
  const all = norms.mean.all;
  if (all)
    words.push(`mean norm of the gradient ${written(all.values[k])} (${unitOfNorms(training)})`);
  if (clips) words.push(`clipped in ${clipped[k]} of ${batches[k]} batches`);
  return `In epoch ${epoch}: ${words.join(", ")}`;
}

// Losses in one chart, each metric with its validation in one of its own.
function ofLogs(row, page) {
  const { training } = page.data,
    { logs, numbers, units } = training,
    names = Object.keys(logs);
  return Object.keys(units).map((quantity) => {
    const series = names
      .filter((name) => quantityOf(name) === quantity)
      .map((name) => ({ name, x: numbers, y: logs[name].values }));
    const name = quantity + unitOf(training, quantity);
    return drawn(row, page, { name, y: quantity === "loss" ? "log" : "linear" }, series);
  });
}

// What a log is of, of the training or of the validation.
const quantityOf = (name) => name.replace(/^val_/, "");

// What a log counts in, where that is known.
function unitOf({ units }, name) {
  const unit = units[quantityOf(name)];
  return unit ? ` (${unit})` : "";
}

const unitOfNorms = (training) => `${training.unit_of_norms} for 1 more of a weight`;

function ofGradients(row, page) {
  const { norms, numbers, clipped, batches, clips } = page.data.training;
  if (!norms.mean.all) return [];
  const whole = ["mean", "largest"].map((kind) => ({
    name: kind,
    x: numbers,
    y: norms[kind].all.values,
  }));
  const tensors = Object.keys(norms.mean)
    .filter((name) => name !== "all")
    .map((name) => ({ name, x: numbers, y: norms.mean[name].values }));
  const before = `Norm of the gradient of a batch, before clipping (${unitOfNorms(page.data.training)})`;
  const charts = [
    drawn(row, page, { name: before, y: "log" }, whole),
    drawn(row, page, { name: "The same by tensor, mean", y: "log" }, tensors),
  ];
  if (!clips) return charts;
  const share = [{ name: clips, x: numbers, y: clipped.map((count, k) => count / batches[k]) }];
  return [
    ...charts,
    drawn(row, page, { name: "Share of batches whose gradient was clipped" }, share),
  ];
}

function drawn(row, page, options, series) {
  const { epochs } = page.data.training;
  const nearest = (x) =>
    leastIndex(epochs, (epoch) => (epoch === null ? Infinity : Math.abs(epoch - x)));
  const keys = {
    ArrowLeft: () => page.move({ epoch: page.cursor.epoch - 1 }),
    ArrowRight: () => page.move({ epoch: page.cursor.epoch + 1 }),
    ...toEnds(page, () => "epoch"),
  };
  const pick = (x) => page.move({ epoch: nearest(x) });
  const chart = curves(row.node(), { ...options, xName: "epoch", least: epochs[0], pick, keys });
  chart.draw(series);
  return chart;
}
