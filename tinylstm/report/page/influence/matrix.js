// All outputs by all inputs of the sample; a click, a drag, and the keys up and down go to the step of the
// output.

import { max } from "d3-array";
import { colourMap } from "drawing/map.js";
import { byKeys, byPointer } from "drawing/moving.js";
import { within, written } from "numbers.js";

const TITLE = "All outputs, from above, by all inputs; grey: no influence at all";

export function matrix(root, page, inputs) {
  const { norms, outputs, first } = page.data.influence;
  const at = (output, input) => norms.at(page.cursor.sample, output, input);
  const map = colourMap(root.node(), {
    ...{ name: "influence", title: TITLE, crosses: 1 },
    wordsAt: (input, output) =>
      `output ${first + outputs[output]} by input ${inputs.names()[input]}: ${written(at(output, input))}`,
  });
  let here = 0; // among the outputs
  const to = (output) => ({ time: outputs[within(output, outputs.length)] });
  byKeys(map.frame, page, `${TITLE}: map of outputs by inputs`, {
    ArrowUp: () => page.move(to(here - 1)),
    ArrowDown: () => page.move(to(here + 1)),
  });
  byPointer(map.svg, page, (event) => to(map.placeAt(event).row));

  function paint(names) {
    const values = norms.below(page.cursor.sample);
    map.draw({
      ...{ names, numbers: outputs.map((t) => first + t), span: [0, max(values) || 1] },
      values: (input, output) => values[output * names.length + input] || NaN, // grey where it is 0
    });
  }

  return ({ names, output }, isNew) => {
    here = output;
    if (isNew) paint(names);
    map.mark([{ row: output }]);
  };
}
