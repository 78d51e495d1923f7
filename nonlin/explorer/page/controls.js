// Form controls, each with its label. `set` changes what one shows without telling its listener.

import { h, unique } from "./dom.js";
import { change, get, number as stated, record } from "./state.js";
import { number } from "./text.js";

const LINEAR = [(x) => x, (x) => Number(Number(x).toPrecision(10))];
const LOGARITHMIC = [Math.log10, (x) => Number((10 ** x).toPrecision(2))];
const listed = (values) => [
  (x) => values.reduce((best, each, i) => (Math.abs(each - x) < Math.abs(values[best] - x) ? i : best), 0),
  (place) => values[place],
];

// A slider with its number beside it; the number can be typed, also beyond the slider's ends.
// On a logarithmic slider equal steps are equal factors.
// With `values` it stands on one of these.
export function slider({ label, value, minimum, maximum, step, values, logarithmic = false, hint, onInput }) {
  const id = unique("slider");
  const [to, from] = values ? listed(values) : logarithmic ? LOGARITHMIC : LINEAR;
  const range = h("input", {
    type: "range",
    id,
    min: to(values?.[0] ?? minimum),
    max: to(values?.at(-1) ?? maximum),
    step: values ? 1 : logarithmic ? 0.02 : (step ?? (maximum - minimum) / 200),
    on: {
      input: () => {
        show(from(Number(range.value)));
        onInput(from(Number(range.value)));
      },
    },
  });
  const exact = h("input", {
    type: "number",
    step: "any",
    "aria-label": label,
    on: {
      change: () => {
        const typed = exact.value === "" ? NaN : Number(exact.value);
        if (!Number.isFinite(typed)) return show(from(Number(range.value)));
        range.value = to(typed);
        if (values) show(from(to(typed)));
        onInput(values ? from(to(typed)) : typed);
      },
    },
  });
  const show = (x) => {
    exact.value = Math.abs(x) < 1e6 ? String(Number(x.toPrecision(4))) : Number.isFinite(x) ? String(x) : "";
    exact.placeholder = number(x); // "inf", the default of a threshold, is no number to an input
  };
  const element = h(
    "div",
    { class: "slider" },
    h("label", { for: id }, label),
    exact,
    range,
    hint && h("p", { class: "hint" }, hint),
  );
  const setValue = (x) => {
    range.value = x === "inf" ? range.max : to(x);
    range.setAttribute("aria-valuetext", number(x));
    show(x);
  };
  setValue(value);
  return Object.assign(element, { set: setValue });
}

export function select({ label, options, value, onChange }) {
  const id = unique("select");
  const control = h("select", { id, on: { change: () => onChange(control.value) } });
  for (const each of options) {
    control.append(
      each.options ? h("optgroup", { label: each.label }, each.options.map(option)) : option(each),
    );
  }
  const setValue = (x) => {
    if (![...control.options].some((each) => each.value === x))
      control.append(option({ value: x, label: x }));
    control.value = x;
  };
  setValue(value);
  return Object.assign(h("div", { class: "field" }, h("label", { for: id }, label), control), {
    set: setValue,
  });
}

const option = ({ value, label }) => h("option", { value }, label);

// One of a few, all in sight.
export function choice({ label, options, value, onChange }) {
  const name = unique("choice");
  const inputs = options.map((each) =>
    h("input", {
      type: "radio",
      name,
      value: each.value,
      checked: each.value === value,
      on: { change: () => onChange(each.value) },
    }),
  );
  const element = h(
    "fieldset",
    { class: "choice" },
    h("legend", {}, label),
    h(
      "div",
      { class: "options" },
      options.map((each, i) => h("label", { title: each.title }, inputs[i], h("span", {}, each.label))),
    ),
  );
  return Object.assign(element, {
    set: (x) => {
      for (const input of inputs) input.checked = input.value === x;
    },
  });
}

export function toggle({ label, value, hint, onChange }) {
  const control = h("input", {
    type: "checkbox",
    checked: value,
    on: { change: () => onChange(control.checked) },
  });
  const element = h(
    "div",
    { class: "toggle" },
    h("label", {}, control, h("span", {}, label)),
    hint && h("p", { class: "hint" }, hint),
  );
  return Object.assign(element, {
    set: (x) => {
      control.checked = x;
    },
  });
}

export function button(label, onClick, attributes = {}) {
  return h("button", { type: "button", ...attributes, on: { click: onClick } }, label);
}

// What can wait is folded where the window is narrow: the picture comes first.
export function fold(title, ...content) {
  return h(
    "details",
    { class: "fold", open: matchMedia("(min-width: 60rem)").matches },
    h("summary", {}, title),
    content,
  );
}

export function problem(sentence) {
  return h("p", { class: "problem", role: "alert" }, sentence);
}

// Sentences as paragraphs; what stands between backticks is code.
export function plain(...sentences) {
  const marked = (text) => text.split("`").map((piece, i) => (i % 2 ? h("code", {}, piece) : piece));
  return sentences
    .flat()
    .filter(Boolean)
    .map((each) => h("p", {}, marked(each)));
}

// A slider of a number in the address, with the ends that the table gives it.
export function numberOf(name, { label, hint, onInput = (x) => change({ [name]: x }) }) {
  const { slider: ends, type } = record(name);
  const whole = (x) => (type === "integer" ? Math.round(x) : x);
  const made = slider({ ...ends, label, hint, value: stated(name), onInput: (x) => onInput(whole(x)) });
  return Object.assign(made, { update: () => made.set(stated(name)) });
}

// One of the words that the table lists for a name: `make` is choice or select.
export function wordOf(make, name, { label, say, onChange = (x) => change({ [name]: x }) }) {
  const { enum: words, titles } = record(name);
  const options = words.map((value) => ({ value, label: say?.(value) ?? titles?.[value] ?? value }));
  const made = make({ label, value: get(name), options, onChange });
  return Object.assign(made, { update: () => made.set(get(name)) });
}
