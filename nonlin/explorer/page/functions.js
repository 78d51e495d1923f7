// The view of functions: value and derivative, what is known of each, and how they differ.

import { ask, latest, Refused } from "./api.js";
import { chosen } from "./chosen.js";
import { fold, problem, select, toggle, wordOf } from "./controls.js";
import { curveChart } from "./curves.js";
import { h, part } from "./dom.js";
import { factsTable } from "./facts.js";
import { isFile } from "./file.js";
import { formulaEntry } from "./formula.js";
import { picker } from "./picker.js";
import { presets } from "./presets.js";
import { all, asks, change, get, number, onChange, record, values } from "./state.js";
import { t } from "./text.js";

const specs = () => all("f");

export function view(root, signal) {
  asks(() => ({ view: "functions", ...curveQuestion() }));
  const setFunctions = (f) => change({ f });
  const cards = chosen({ specs, onChange: setFunctions });
  const catalogue = picker({ specs, onChange: setFunctions });
  const entry = formulaEntry({
    onAdd: (spec) => specs().length < record("f").maxItems && change({ f: [...specs(), spec] }),
  });
  const window = interval();
  const dtype = wordOf(select, "dtype", { label: t("functions.dtype") });
  const naive = toggle({
    label: t("functions.naive"),
    hint: t("functions.naive_hint"),
    value: get("naive") === "1",
    onChange: (on) => change({ naive: on ? 1 : null }),
  });
  const curves = curveChart(signal);
  const facts = factsTable(signal);
  const refusal = h("div", { "aria-live": "polite" });
  let ready = presets("functions");

  root.append(
    h("div", { class: "intro" }, h("h1", {}, t("functions.title")), h("p", {}, t("functions.intro"))),
    isFile ? "" : ready,
    h(
      "div",
      { class: "columns" },
      h(
        "section",
        { class: "controls", "data-part": "controls", "aria-label": t("app.controls") },
        fold(t("chosen.title"), cards),
        !isFile && fold(t("functions.choose"), catalogue, part("formula", entry)),
        !isFile && fold(t("functions.settings"), window, dtype, naive),
      ),
      h("div", { class: "pictures" }, h("div", { class: "first" }, refusal, curves), facts),
    ),
  );

  const draw = latest(async () => {
    try {
      curves.show(await ask("curve", curveQuestion(), { signal }));
      refusal.replaceChildren();
    } catch (error) {
      if (error instanceof Refused) refusal.replaceChildren(problem(error.message));
      else if (error.name !== "AbortError") throw error;
    }
  });

  onChange((names) => {
    if (names.has("at") && names.size === 1) return;
    if (names.has("f")) {
      cards.update();
      catalogue.update();
      facts.update(specs());
    }
    naive.set(get("naive") === "1");
    dtype.update();
    window.update();
    if (!get("preset") && ready.querySelector("[aria-current]"))
      ready.replaceWith((ready = presets("functions")));
    draw();
  }, signal);
  draw();
  facts.update(specs());
  if (get("preset") === "cost") facts.showCosts();
}

const curveQuestion = () => ({ f: specs(), ...values("start", "stop", "dtype", "naive") });

function interval() {
  const field = (name) => {
    const input = h("input", {
      type: "number",
      step: "any",
      on: { change: () => change({ [name]: input.value }) },
    });
    const update = () => {
      input.value = String(number(name));
    };
    update();
    return { label: h("label", {}, h("span", {}, t(`functions.${name}`)), input), update };
  };
  const fields = [field("start"), field("stop")];
  const element = h(
    "div",
    { class: "interval", role: "group", "aria-label": t("functions.interval") },
    fields.map((each) => each.label),
  );
  return Object.assign(element, { update: () => fields.forEach((each) => each.update()) });
}
