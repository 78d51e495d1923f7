// Each function's numbers at one x, which the pointer or a slider moves.

import * as catalogue from "./catalogue.js";
import { h, swatch, unique } from "./dom.js";
import { change, number as stated } from "./state.js";
import { number, t } from "./text.js";

export function readout() {
  const id = unique("at");
  const range = h("input", {
    type: "range",
    id,
    min: "0",
    max: "1",
    step: "1",
    on: { input: () => show(Number(range.value)) },
  });
  const output = h("output", { for: id });
  const body = h("tbody");
  const head = h("tr");
  let answer = null;

  function use(next) {
    const wanted = answer ? answer.x[range.value] : stated("at");
    answer = next;
    range.max = String(answer.x.length - 1);
    const [first, last] = [answer.x[0], answer.x.at(-1)];
    at(first <= wanted && wanted <= last ? wanted : answer.x[Math.floor(answer.x.length / 2)]);
  }

  // The point of the curve nearest to x; the numbers are the server's, none is interpolated.
  function at(x) {
    const [first, last] = [answer.x[0], answer.x.at(-1)];
    const place = Math.round(((x - first) / (last - first)) * (answer.x.length - 1));
    show(Math.min(Math.max(place, 0), answer.x.length - 1));
  }

  function show(place) {
    range.value = String(place);
    output.textContent = `x = ${number(answer.x[place])}`;
    range.setAttribute("aria-valuetext", output.textContent);
    const naive = answer.curves.some((each) => each.naive);
    const labels = [
      t("functions.function"),
      "φ(x)",
      "φ′(x)",
      ...(naive ? [`${t("functions.textbook")} φ(x)`] : []),
    ];
    head.replaceChildren(...labels.map((label) => h("th", { scope: "col" }, label)));
    body.replaceChildren(
      ...answer.curves.map((each, i) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, swatch(i), catalogue.title(each.spec)),
          h("td", {}, number(each.value[place], 6)),
          h("td", {}, number(each.derivative[place], 6)),
          naive && h("td", {}, each.naive ? number(each.naive.value[place], 6) : ""),
        ),
      ),
    );
  }

  const settled = () => change({ at: Number(answer.x[range.value].toPrecision(6)) });
  range.addEventListener("change", settled);
  const element = h(
    "div",
    { class: "readout" },
    h("div", { class: "row" }, h("label", { for: id }, t("functions.read")), range, output),
    h(
      "div",
      { class: "scrolling", tabindex: "0", role: "region", "aria-label": t("functions.read") },
      h("table", {}, h("thead", {}, head), body),
    ),
  );
  return Object.assign(element, { use, at });
}
