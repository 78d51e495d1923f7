// Ready states, each with one sentence that says what to look at, and the three questions a
// newcomer comes with.

import { h } from "./dom.js";
import { address, fresh, get } from "./state.js";
import { t } from "./text.js";

export const PRESETS = {
  functions: {
    five: { f: ["sigmoid", "tanh", "relu", "leaky_relu", "elu"] },
    saturation: { f: ["sigmoid", "tanh"], start: -8, stop: 8 },
    dead: { f: ["relu", "leaky_relu(negative_slope=0.1)", "elu"] },
    cancellation: { f: ["elu"], naive: 1, dtype: "float32", start: -1e-6, stop: 1e-6 },
    cost: { f: ["relu", "elu"] },
  },
  depth: {
    vanishing: { f: "sigmoid", init: "torch", depth: 10, width: 256 },
    quarter: { f: "sigmoid", init: "xavier", depth: 10, width: 256 },
    dying: { f: "relu", init: "torch", depth: 30, width: 64 },
    linear: { f: "identity", init: "critical", depth: 50, width: 64 },
    exploding: { f: "tanh", init: "custom", weight_variance: 4, bias_variance: 0.05, depth: 30, width: 256 },
    initialise: { f: "relu", init: "critical", depth: 50, width: 256 },
  },
  race: {
    sigmoid: {
      f: ["sigmoid", "relu", "elu"],
      dataset: "circles",
      layers: 10,
      hidden: 16,
      init: "he",
      rate: 0.1,
    },
    straight: { f: ["identity", "tanh"], dataset: "xor", layers: 3, hidden: 8, rate: 0.1 },
    dying: { f: ["relu", "leaky_relu"], dataset: "moons", layers: 4, hidden: 12, init: "he", rate: 2 },
    spiral: {
      f: ["relu", "tanh", "sigmoid"],
      dataset: "spiral",
      layers: 3,
      hidden: 32,
      init: "critical",
      rate: 0.1,
    },
  },
};

const QUESTIONS = [
  { name: "sigmoid", view: "depth", preset: "vanishing" },
  { name: "initialise", view: "depth", preset: "initialise" },
  { name: "cost", view: "functions", preset: "cost" },
];

const link = (view, name) => address({ ...fresh(), view, ...PRESETS[view][name], preset: name });

export function questions(view) {
  return h(
    "div",
    { class: "questions" },
    h("span", { class: "lead", id: "ask" }, t("questions.title")),
    h(
      "ul",
      { "aria-labelledby": "ask" },
      QUESTIONS.map((each) =>
        h(
          "li",
          {},
          h(
            "a",
            {
              href: link(each.view, each.preset),
              "aria-current": view === each.view && get("preset") === each.preset ? "true" : null,
            },
            t(`questions.${each.name}`),
          ),
        ),
      ),
    ),
  );
}

export function presets(view) {
  const chosen = get("preset");
  const sentence = chosen in PRESETS[view] ? t(`presets.${view}.${chosen}.look`) : t(`presets.${view}.none`);
  return h(
    "div",
    { class: "presets", "data-part": "presets" },
    h(
      "ul",
      { "aria-label": t("presets.title") },
      Object.keys(PRESETS[view]).map((name) =>
        h(
          "li",
          {},
          h(
            "a",
            { class: "chip", href: link(view, name), "aria-current": name === chosen ? "true" : null },
            t(`presets.${view}.${name}.title`),
          ),
        ),
      ),
    ),
    h("p", { class: "look" }, sentence),
  );
}
