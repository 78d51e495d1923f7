// Loss over steps, gradient and dead units by layer, one line a network.

import * as catalogue from "./catalogue.js";
import { chart, legendOf, positive } from "./chart.js";
import { h } from "./dom.js";
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
      legend: h("div"),
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
    for (const each of [loss, gradient, dead])
      each.children[1].replaceChildren(legendOf(names.map((label, place) => ({ place, label }))));
    const common = (i) => ({
      name: names[i],
      line: line(i, 2),
      mode: "lines",
      hovertemplate: "%{y:.3g}<extra>%{fullData.name}</extra>",
    });
    const layers = runs[0].gradient.map((_, l) => l + 1);
    const shown = [...steps];
    const drawLoss = () =>
      loss.draw({
        traces: () =>
          runs.map((_, i) => ({
            ...common(i),
            x: shown,
            y: positive(history[i]),
            mode: shown.length > 2 ? "lines" : "markers",
          })),
        layout: () => ({
          hovermode: "x unified",
          xaxis: { title: { text: t("race.step_axis") }, range: [0, Math.max(20, shown.at(-1))] },
          yaxis: { type: "log", exponentformat: "power", title: { text: t("race.loss_axis") } },
        }),
        summary: runs.map((run, i) =>
          t("race.loss_now", {
            name: names[i],
            loss: run.loss === null ? t("race.diverged") : number(run.loss, 3),
          }),
        ),
        columns: [
          { label: t("race.step_axis"), values: shown },
          ...runs.map((_, i) => ({ label: names[i], values: [...history[i]] })),
        ],
      });
    return [
      drawLoss,
      () =>
        byLayer(gradient, "gradient", {
          type: "log",
          exponentformat: "power",
          title: { text: t("race.gradient_axis") },
        }),
      () =>
        byLayer(dead, "dead", {
          range: [-0.02, 1.02],
          tickformat: ".0%",
          title: { text: t("race.dead_axis") },
        }),
    ];

    function byLayer(element, key, yaxis) {
      return element.draw({
        traces: () =>
          runs.map((run, i) => ({
            ...common(i),
            mode: "lines+markers",
            marker: { size: 6, color: line(i).color },
            x: run[key].map((_, l) => l + 1),
            y: yaxis.type === "log" ? positive(run[key]) : run[key],
          })),
        layout: () => ({
          hovermode: "x unified",
          xaxis: { title: { text: t("depth.layer_axis") }, dtick: layers.length > 10 ? 2 : 1 },
          yaxis,
        }),
        summary: runs.map((run, i) =>
          t(`race.${key}_now`, {
            name: names[i],
            first: number(run[key][0], 3),
            last: number(run[key].at(-1), 3),
            most: number(100 * Math.max(...run[key]), 3),
          }),
        ),
        columns: [
          { label: t("depth.layer"), values: layers },
          ...runs.map((run, i) => ({ label: names[i], values: run[key] })),
        ],
      });
    }
  }
  return { loss, gradient, dead, clear, add, frame };
}
