// The functions that are shown, each with its formula and a slider for each parameter.

import * as catalogue from "./catalogue.js";
import { button, select, slider } from "./controls.js";
import { formula, h, swatch } from "./dom.js";
import { isFile } from "./file.js";
import { t } from "./text.js";

// `specs()` reads the functions, `onChange(specs)` takes others. `single`: one function, not removed.
export function chosen({ specs, onChange, single = false }) {
  const element = h("ul", { class: "chosen", "aria-label": t("chosen.title") });
  let built = "";
  let cards = [];

  function update() {
    const names = specs()
      .map((spec) => catalogue.read(spec).name)
      .join("|");
    if (names !== built) {
      built = names;
      cards = specs().map((_, place) => card(place));
      element.replaceChildren(...cards);
    }
    specs().forEach((spec, place) => cards[place].set(catalogue.read(spec)));
  }

  function card(place) {
    const record = catalogue.read(specs()[place]);
    const replace = (values) => onChange(specs().with(place, catalogue.write(record, values)));
    const sliders = record.parameters.map((parameter) =>
      parameterControl(parameter, (value) =>
        replace({ ...catalogue.read(specs()[place]).values, [parameter.name]: value }),
      ),
    );
    const remove =
      !single &&
      !isFile &&
      specs().length > 1 &&
      button(
        "×",
        () => {
          onChange(specs().toSpliced(place, 1));
          element.querySelector("button, input")?.focus();
        },
        { class: "remove", "aria-label": t("chosen.remove", { name: record.title }) },
      );
    const item = h(
      "li",
      {},
      h(
        "div",
        { class: "name" },
        !single && swatch(place),
        h("span", { class: "title" }, record.title),
        remove,
      ),
      record.formula && scrolled(h("div", { class: "formula" }, formula(record.formula))),
      sliders,
    );
    return Object.assign(item, {
      set: ({ values }) => sliders.forEach((each, i) => each.set(values[record.parameters[i].name])),
    });
  }

  update();
  return Object.assign(element, { update });
}

// A formula wider than its card scrolls, and then the keyboard has to reach it.
function scrolled(element) {
  new ResizeObserver(() => {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }).observe(element);
  return element;
}

function parameterControl(parameter, onChange) {
  const label = catalogue.symbol(parameter.name);
  if (parameter.choices) {
    const options = parameter.choices.map((value) => ({ value: String(value), label: String(value) }));
    return select({ label, options, value: String(parameter.value), onChange });
  }
  return slider({ ...parameter, label, onInput: onChange });
}
