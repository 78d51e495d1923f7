// The view of depth: what a random network of this function does to signals and gradients.

import { ask, latest, Refused } from "./api.js";
import * as catalogue from "./catalogue.js";
import { button, fold, plain, problem } from "./controls.js";
import { h, part } from "./dom.js";
import { isFile } from "./file.js";
import { initialisations } from "./initialisations.js";
import { layerCharts } from "./layers.js";
import { networkControls, question, spec } from "./network.js";
import { phaseChart } from "./phase.js";
import { presets } from "./presets.js";
import { asks, change, get, number, onChange } from "./state.js";
import { t } from "./text.js";

// The table asks four questions: it waits until the sliders stand still.
const PAUSE = 300;

export function view(root, signal) {
  asks(() => ({ view: "depth", ...question() }));
  const controls = networkControls();
  const verdict = h("div", { class: "verdict", "aria-live": "polite" });
  const charts = layerCharts(signal);
  const phase = phaseChart(signal);
  const table = initialisations(signal);
  const drawing = h("div", { class: "row draw" });
  const sampled = h("p", { class: "hint", role: "status" });
  let ready = presets("depth");
  let found = null;
  let timer = 0;

  drawing.append(
    button(t("depth.draw"), () => change({ network: (number("network") ?? -1) + 1, preset: get("preset") }), {
      class: "primary",
    }),
    button(t("depth.erase"), () => change({ network: null, preset: get("preset") })),
    sampled,
  );
  root.append(
    h("div", { class: "intro" }, h("h1", {}, t("depth.title")), h("p", {}, t("depth.intro"))),
    isFile ? "" : ready,
    verdict,
    h(
      "div",
      { class: "columns" },
      h(
        "section",
        { class: "controls", "data-part": "controls", "aria-label": t("app.controls") },
        fold(t("depth.settings"), controls),
      ),
      h(
        "div",
        { class: "pictures" },
        Object.assign(charts.gradient, { className: "chart first" }),
        !isFile && part("network", drawing, h("p", { class: "hint" }, t("depth.draw_hint"))),
        table,
        h("section", { class: "pair" }, charts.length, charts.correlation),
        phase,
      ),
    ),
  );

  const predict = latest(async () => {
    try {
      found = await ask("propagation", question(), { signal });
      controls.show(found);
      verdict.replaceChildren(...plain(found.summary));
      charts.show(found);
      phase.mark(found);
      sample();
    } catch (error) {
      refuse(error);
    }
  });

  // The sampled network is drawn over the prediction it belongs to.
  const sample = latest(async () => {
    const seed = get("network");
    if (seed === "") {
      sampled.textContent = "";
      return;
    }
    const of = found;
    sampled.textContent = t("depth.drawing");
    try {
      const measured = await ask("network", { ...question(), seed }, { signal });
      if (of !== found) return;
      sampled.textContent = t("depth.drawn", {
        seed: String(Number(seed) + 1),
        name: catalogue.title(spec()),
      });
      charts.show(found, measured);
    } catch (error) {
      sampled.textContent = "";
      // A file has the network at the weights that it was saved with.
      if (!isFile) refuse(error);
    }
  });

  function refuse(error) {
    if (error instanceof Refused) verdict.replaceChildren(problem(error.message));
    else if (error.name !== "AbortError") throw error;
  }

  function update(names) {
    controls.update();
    predict();
    if (["f", "depth", "width"].some((name) => names.has(name))) {
      clearTimeout(timer);
      timer = setTimeout(table.update, PAUSE);
    }
    if (names.has("f")) phase.update(spec());
    if (!get("preset") && ready.querySelector("[aria-current]"))
      ready.replaceWith((ready = presets("depth")));
  }
  onChange(update, signal);
  predict();
  table.update();
  phase.update(spec());
  if (get("preset") === "initialise") table.classList.add("asked");
}
