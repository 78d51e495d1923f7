// The network that the view of depth asks about: its function, variances, depth and width.

import * as catalogue from "./catalogue.js";
import { chosen } from "./chosen.js";
import { choice, numberOf, select, wordOf } from "./controls.js";
import { h } from "./dom.js";
import { isFile } from "./file.js";
import { formulaEntry } from "./formula.js";
import { all, change, get, record, values } from "./state.js";
import { t } from "./text.js";

export const initialisations = () => record("init").enum.filter((name) => name !== "custom");
export const spec = () => all("f")[0];
const setFunction = (first) => change({ f: [first, ...all("f").slice(1)] });

export const question = () => ({
  f: spec(),
  ...values("init", "depth", "width", "correlation"),
  ...(get("init") === "custom" ? values("weight_variance", "bias_variance") : {}),
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
  const init = wordOf(choice, "init", {
    label: t("depth.init"),
    say: (word) => t(`init.${word}`),
    onChange: (word) =>
      change(word === "custom" ? own() : { init: word, weight_variance: null, bias_variance: null }),
  });
  let shown = values("weight_variance", "bias_variance");
  const own = (changed) => ({
    init: "custom",
    weight_variance: shown.weight_variance,
    bias_variance: shown.bias_variance,
    ...changed,
  });
  const variance = (name, hint) =>
    numberOf(name, { label: t(`depth.${name}`), hint, onInput: (x) => change(own({ [name]: x })) });
  const weight = variance("weight_variance", t("depth.weight_hint"));
  const bias = variance("bias_variance");
  const shape = ["depth", "width"].map((name) => numberOf(name, { label: t(`depth.${name}`) }));
  const correlation = numberOf("correlation", {
    label: t("depth.correlation"),
    hint: t("depth.correlation_hint"),
  });

  function update() {
    names.set(catalogue.read(spec()).name);
    for (const each of [card, init, ...shape, correlation]) each.update();
  }

  // The variances of a named initialisation are the server's.
  function show(found) {
    shown = found;
    weight.set(found.weight_variance);
    bias.set(found.bias_variance);
  }
  update();
  // A file has answers for other weights, and for nothing else.
  const all = [names, card, entry, init, weight, bias, shape, correlation];
  const whole = h("div", {}, isFile ? [card, weight] : all);
  return Object.assign(whole, { update, show });
}
