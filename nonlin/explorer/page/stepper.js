// A slider over a list of numbers, which shows the number and not its place.

import { h, unique } from "./dom.js";

// `choose` takes a place; `use` takes another list, and stays at its end until one moves it away.
export function stepper(label, choose) {
  const id = unique("stepper");
  const output = h("output", { for: id });
  const range = h("input", { type: "range", id, min: "0", max: "0", step: "1", on: { input: move } });
  let values = [];
  let place = null; // null: the last one, also when more come

  function move() {
    place = Number(range.value) === values.length - 1 ? null : Number(range.value);
    say();
    choose();
  }

  function use(next) {
    values = next;
    range.max = String(Math.max(values.length - 1, 0));
    range.value = String(at());
    say();
  }

  function say() {
    output.textContent = String(values[at()] ?? "–");
    range.setAttribute("aria-valuetext", output.textContent);
  }

  const at = () => Math.min(place ?? values.length - 1, values.length - 1);
  const element = h("div", { class: "stepper row" }, h("label", { for: id }, label), range, output);
  return Object.assign(element, { use, at });
}
