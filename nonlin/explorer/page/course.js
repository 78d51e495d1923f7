// What is trained in a race: data, networks, optimiser. The same course and seed give the same race.

import { choice, select, slider } from "./controls.js";
import { h } from "./dom.js";
import { all, change, get, number } from "./state.js";
import { t } from "./text.js";

const DATASETS = ["circles", "moons", "xor", "spiral"];
const INITIALISATIONS = ["torch", "xavier", "he", "critical"];
const USUAL = { layers: 4, hidden: 16, rate: 0.1, batch: 32, seed: 0 };

export const runners = () => (all("f").length ? all("f") : ["sigmoid", "relu", "elu"]).slice(0, 4);
const dataset = () => get("dataset", "circles");
const init = () => (INITIALISATIONS.includes(get("init")) ? get("init") : "torch");

export const course = () => ({
  dataset: dataset(),
  init: init(),
  ...Object.fromEntries(Object.entries(USUAL).map(([name, usual]) => [name, number(name, usual)])),
});

export function raceControls() {
  const data = choice({
    label: t("race.dataset"),
    value: dataset(),
    options: DATASETS.map((value) => ({ value, label: t(`race.${value}`) })),
    onChange: (value) => change({ dataset: value }),
  });
  const start = select({
    label: t("race.init"),
    value: init(),
    options: INITIALISATIONS.map((value) => ({ value, label: t(`init.${value}`) })),
    onChange: (value) => change({ init: value }),
  });
  const whole = (name, minimum, maximum) =>
    slider({
      label: t(`race.${name}`),
      value: USUAL[name],
      minimum,
      maximum,
      step: 1,
      onInput: (x) => change({ [name]: Math.round(x) }),
    });
  const sliders = {
    layers: whole("layers", 1, 20),
    hidden: whole("hidden", 2, 64),
    rate: slider({
      label: t("race.rate"),
      value: USUAL.rate,
      minimum: 0.001,
      maximum: 10,
      logarithmic: true,
      onInput: (x) => change({ rate: x }),
    }),
    batch: whole("batch", 1, 256),
    seed: whole("seed", 0, 20),
  };
  function update() {
    data.set(dataset());
    start.set(init());
    for (const [name, each] of Object.entries(sliders)) each.set(number(name, USUAL[name]));
  }
  update();
  return Object.assign(
    h("div", {}, data, sliders.layers, sliders.hidden, start, sliders.rate, sliders.batch, sliders.seed),
    { update },
  );
}
