// Equations in MathML: the letters, and below them the same with numbers in their places.
//
//     const lines = equations(place);
//     lines.draw([["c", "f * c_prev + i * g"], ["h", "o * phi(c)"]]);
//     lines.fill([{ c: 0.5, f: 0.9, ... }, ...]);                      a dict for each, or null
//
// A text has its tokens between spaces. x.W_i is a product of two letters and has one number, and so
// has phi'(c), the slope of phi; in phi(c) the number of c stands in the brackets.

import { select } from "d3-selection";
import { written } from "numbers.js";

const NAMESPACE = "http://www.w3.org/1998/Math/MathML";
const SIGNS = { "*": "\u22c5", "-": "\u2212" };
const LETTERS = { sigma: "\u03c3", phi: "\u03c6" };
const CALL = /^(\w+)\((.+)\)$/; // of a function that is filled in: phi(c)
const OPERATORS = ["+", "-", "*", "(", ")", "="];

export function equations(place) {
  const list = select(place).append("ol").attr("class", "equations");
  let shown = [];

  function draw(lines) {
    list.selectAll("li").remove();
    shown = lines.map(([left, right]) => {
      const item = list.append("li");
      math(item, "symbols", [[...tokens(left), "=", ...tokens(right)].map(symbol)]);
      const middle = isNumber(right) ? [] : ["=", ...tokens(right)]; // not the same number twice
      const places = [...middle, "=", left].map((token) => ({
        token,
        ...placeOf(token),
      }));
      math(item, "filled", summands(places));
      return { item, places };
    });
  }

  function fill(values) {
    shown.forEach(({ item, places }, k) => {
      item.attr("hidden", values[k] ? null : "");
      if (values[k])
        places.forEach((one, j) => one.fill?.(values[k], j > 1 && j < places.length - 1));
    });
  }

  return { draw, fill };
}

const tokens = (text) => text.split(" ");

// The names of the numbers that a line is filled with.
export const namesIn = ([left, right]) => [left, ...tokens(right)].filter(hasNumber).map(nameOf);

const isNumber = (text) => tokens(text).length === 1 && hasNumber(text) && !CALL.test(text);
const hasNumber = (token) => !(OPERATORS.includes(token) || LETTERS[token] || /^\d/.test(token));
const nameOf = (token) => CALL.exec(token)?.[2] ?? token;

// Formulas one behind the other, between which a line may break.
function math(item, kind, parts) {
  const span = item.append("span").attr("class", kind).node();
  for (const nodes of parts)
    span.append(element("math", element("mrow", ...nodes)), document.createElement("wbr"));
}

// Nodes in parts, each of which begins with a + or a = that is in no brackets.
function summands(places) {
  const parts = [];
  let depth = 0;
  for (const { token, node } of places) {
    if (token === "(") depth += 1;
    if (token === ")") depth -= 1;
    if (depth === 0 && (token === "+" || token === "=")) {
      node.setAttribute("form", "infix"); // else a sign at the beginning has no space beside it
      parts.push([]);
    }
    parts.at(-1).push(node);
  }
  return parts;
}

function element(name, ...content) {
  const found = document.createElementNS(NAMESPACE, name);
  found.append(...content);
  return found;
}

// A token as letters.
function symbol(token) {
  if (OPERATORS.includes(token)) return element("mo", SIGNS[token] ?? token);
  if (/^\d/.test(token)) return element("mn", token);
  if (LETTERS[token]) return functionName(token);
  const call = /^(\w+'?)\((.+)\)$/.exec(token);
  if (call)
    return element(
      "mrow",
      functionName(call[1]),
      element("mo", "("),
      ...call[2].split(/([+*])/).map(symbol),
      element("mo", ")"),
    );
  const factors = token.split(".");
  if (factors.length > 1)
    return element(
      "mrow",
      ...factors.flatMap((one) => [symbol(one), element("mspace")]).slice(0, -1),
    );
  return letter(token);
}

function functionName(name) {
  const mark = name.endsWith("'") ? "\u2032" : "";
  return element("mi", LETTERS[name.replace("'", "")] + mark);
}

// c_prev: c with a small "prev"; dc: the derivative of c; U': U transposed.
function letter(token) {
  const [, d, base, turned, below] = /^(d(?=[a-z]))?([A-Za-z]+?)(')?(?:_(\w+))?$/.exec(token);
  const plain = element("mi", LETTERS[base] ?? base);
  const name = turned ? element("mrow", plain, element("mo", "\u2032")) : plain;
  const whole = below ? element("msub", name, subscript(below)) : name;
  return d ? element("mrow", element("mi", "d"), whole) : whole;
}

function subscript(text) {
  const words = text.replace("_", " ");
  return words.length > 1 ? element("mtext", words) : element("mi", words);
}

// Where the number of a token stands: {node, fill(values, inside)}.
function placeOf(token) {
  if (!hasNumber(token)) return { node: symbol(token) };
  const [, name] = CALL.exec(token) ?? [];
  const number = element("mn");
  number.dataset.name = token;
  const fill = (values, inside) => {
    const value = values[nameOf(token)];
    number.textContent = inside && value < 0 && !name ? `(${written(value)})` : written(value);
  };
  if (!name) return { node: number, fill };
  return {
    node: element("mrow", functionName(name), element("mo", "("), number, element("mo", ")")),
    fill,
  };
}
