// The network that the view of depth asks about: its function, variances, depth and width.

import * as catalogue from "./catalogue.js";
import { chosen } from "./chosen.js";
import { choice, select, slider } from "./controls.js";
import { h } from "./dom.js";
import { formulaEntry } from "./formula.js";
import { all, change, get, number } from "./state.js";
import { t } from "./text.js";

export const INITIALISATIONS = ["torch", "xavier", "he", "critical"];
export const spec = () => all("f")[0] ?? "sigmoid";
const setFunction = (first) => change({ f: [first, ...all("f").slice(1)] });
const isOwn = () => get("init") === "custom";

export const question = () => ({
  f: spec(),
  init: get("init", "torch"),
  depth: number("depth", 10),
  width: number("width", 256),
  correlation: number("correlation", 0.5),
  ...(isOwn()
    ? { weight_variance: number("weight_variance", 1), bias_variance: number("bias_variance", 0) }
    : {}),
});

export function networkControls() {
  const names = select({
    label: t("depth.function"),
    value: catalogue.read(spec()).name,
    onChange: setFunction,
    options: catalogue.all().map((group) => ({
      label: group.title ?? group.group,
      options: group.functions.map(({ name, title }) => ({ value: name, label: title })),
    })),
  });
  const card = chosen({ specs: () => [spec()], onChange: ([only]) => setFunction(only), single: true });
  const entry = h(
    "details",
    { class: "fold" },
    h("summary", {}, t("depth.formula")),
    formulaEntry({ onAdd: setFunction }),
  );
  const init = choice({
    label: t("depth.init"),
    value: get("init", "torch"),
    onChange: (value) =>
      change(value === "custom" ? own() : { init: value, weight_variance: null, bias_variance: null }),
    options: [...INITIALISATIONS, "custom"].map((value) => ({ value, label: t(`init.${value}`) })),
  });
  let shown = { weight_variance: 1, bias_variance: 0 };
  const own = (changed = {}) => ({
    init: "custom",
    weight_variance: shown.weight_variance,
    bias_variance: shown.bias_variance,
    ...changed,
  });
  const weight = slider({
    label: t("depth.weight_variance"),
    hint: t("depth.weight_hint"),
    value: 1,
    minimum: 0,
    maximum: 6,
    step: 0.01,
    onInput: (x) => change(own({ weight_variance: x })),
  });
  const bias = slider({
    label: t("depth.bias_variance"),
    value: 0,
    minimum: 0,
    maximum: 1,
    step: 0.005,
    onInput: (x) => change(own({ bias_variance: x })),
  });
  const depth = slider({
    label: t("depth.depth"),
    value: 10,
    minimum: 2,
    maximum: 200,
    step: 1,
    onInput: (x) => change({ depth: Math.round(x) }),
  });
  const width = slider({
    label: t("depth.width"),
    value: 256,
    minimum: 8,
    maximum: 1024,
    step: 8,
    onInput: (x) => change({ width: Math.round(x) }),
  });
  const correlation = slider({
    label: t("depth.correlation"),
    hint: t("depth.correlation_hint"),
    value: 0.5,
    minimum: -1,
    maximum: 1,
    step: 0.01,
    onInput: (x) => change({ correlation: x }),
  });

  function update() {
    names.set(catalogue.read(spec()).name);
    card.update();
    init.set(get("init", "torch"));
    depth.set(number("depth", 10));
    width.set(number("width", 256));
    correlation.set(number("correlation", 0.5));
  }

  // The variances of a named initialisation are the server's.
  function show(found) {
    shown = found;
    weight.set(found.weight_variance);
    bias.set(found.bias_variance);
  }
  update();
  return Object.assign(h("div", {}, names, card, entry, init, weight, bias, depth, width, correlation), {
    update,
    show,
  });
}
