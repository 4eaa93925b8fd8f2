// What a change is made with: a number as a slider and in digits, a choice, a tick.

let made = 0;

// told(value) hears of every new number; show(value, span) writes one.
export function numberField(place, name, told) {
  const id = `whatif-number-${made++}`;
  const label = place.append("label").attr("class", "field").attr("for", id);
  label.append("span").text(name);
  const slider = label.append("input").attr("type", "range").attr("aria-label", `${name}, slider`);
  const digits = label.append("input").attr("type", "number").attr("id", id).attr("step", "any");
  digits.attr("placeholder", "masked"); // stands in it where there is no number
  for (const input of [slider, digits]) {
    input.on("input", () => {
      const value = input.property("valueAsNumber");
      if (Number.isFinite(value)) told(value);
    });
  }
  return {
    show(value, [low, high], step = (high - low) / 200) {
      slider.attr("min", low).attr("max", high).attr("step", step);
      slider.property("value", value);
      if (digits.property("valueAsNumber") !== value)
        digits.property("value", Number.isFinite(value) ? +value.toPrecision(5) : "");
      digits.attr("step", Number.isInteger(step) ? step : "any");
    },
  };
}

// offer([[value, text], ...]) says what there is; value() is what is chosen, told() hears of it.
export function choiceField(place, name, told) {
  const label = place.append("label").attr("class", "field");
  label.append("span").text(name);
  const select = label.append("select").on("change", () => told());
  let offered = null;
  return {
    value: () => select.property("value"),
    choose: (value) => select.property("value", value),
    offer(options) {
      if (String(options) === offered) return;
      offered = String(options);
      const before = select.property("value");
      select
        .selectAll("option")
        .data(options)
        .join("option")
        .attr("value", ([value]) => value)
        .text(([, text]) => text);
      if (options.some(([value]) => String(value) === before)) select.property("value", before);
      label.attr("hidden", options.length > 1 ? null : "");
    },
  };
}

export function tickField(place, name, told) {
  const label = place.append("label").attr("class", "field");
  const input = label
    .append("input")
    .attr("type", "checkbox")
    .on("change", () => told());
  label.append("span").text(name);
  return { value: () => input.property("checked") };
}
