// Loss over steps, gradient and dead units by layer, one line a network.

import * as catalogue from "./catalogue.js";
import { chart } from "./chart.js";
import { around } from "./scale.js";
import { number, t } from "./text.js";
import { line } from "./theme.js";

export function raceCharts(signal) {
  const make = (name, height) =>
    chart({
      name: `nonlin-race-${name}`,
      title: t(`race.${name}_title`),
      explanation: t(`race.${name}_explanation`),
      height,
      signal,
    });
  const [loss, gradient, dead] = [make("loss", 260), make("gradient", 260), make("dead", 220)];
  let steps = [];
  let history = [];

  function clear() {
    steps = [];
    history = [];
  }

  function add({ step, runs }) {
    steps.push(step);
    runs.forEach((run, i) => (history[i] ??= []).push(run.loss));
  }

  function frame({ runs }) {
    const names = runs.map((run) => catalogue.title(run.spec));
    const legend = names.map((label, place) => ({ place, label }));
    const lines = (xs, ys, dots) =>
      ys.map((y, i) => ({ ...line(i, 2), x: xs, y, name: names[i], dots: dots ?? 0 }));
    const shown = [...steps];
    const losses = history.map((each) => [...each]);
    const layers = runs[0].gradient.map((_, l) => l + 1);
    const said = { loss: (run) => ({ loss: run.loss === null ? t("race.diverged") : number(run.loss, 3) }) };
    said.gradient = ({ gradient: all }) => ({ first: number(all[0], 3), last: number(all.at(-1), 3) });
    said.dead = ({ dead: all }) => ({ most: number(100 * Math.max(...all), 3) });

    const one = (element, key, x, y, values, dots) => () =>
      element.draw({
        picture: () => ({
          x,
          panels: [{ y: { ...y, title: t(`race.${key}_axis`) }, marks: lines(x.values, values, dots) }],
        }),
        legend,
        summary: runs.map((run, i) => t(`race.${key}_now`, { name: names[i], ...said[key](run) })),
        columns: [
          { label: x.label, values: x.values },
          ...values.map((each, i) => ({ label: names[i], values: each })),
        ],
      });
    const log = (values) => ({ kind: "log", range: around(values.flat(), { kind: "log", decades: 1 }) });
    const time = {
      range: [0, Math.max(20, shown.at(-1))],
      title: t("race.step_axis"),
      label: t("race.step_axis"),
      values: shown,
    };
    const depth = {
      range: [0.7, layers.length + 0.3],
      ticks: layers.filter((each) => each % Math.ceil(layers.length / 10) === 0),
      title: t("depth.layer_axis"),
      label: t("depth.layer"),
      values: layers,
    };
    const of = (key) => runs.map((run) => run[key]);
    return [
      one(loss, "loss", time, log(losses), losses, shown.length > 2 ? 0 : 6),
      one(gradient, "gradient", depth, log(of("gradient")), of("gradient"), 6),
      one(dead, "dead", depth, { range: [-0.02, 1.02], percent: true }, of("dead"), 6),
    ];
  }
  return { loss, gradient, dead, clear, add, frame };
}
