// The phase diagram: where gradients vanish and where they explode. A click sets the variances.

import { ask, latest, Refused } from "./api.js";
import { chart } from "./chart.js";
import { problem } from "./controls.js";
import { h } from "./dom.js";
import { change } from "./state.js";
import { number, t } from "./text.js";
import { colours } from "./theme.js";

export function phaseChart(signal) {
  const element = chart({
    name: "nonlin-phase",
    title: t("phase.title"),
    explanation: t("phase.explanation"),
    height: 400,
    signal,
    legend: legend(),
    events: {
      plotly_click: ({ points }) =>
        points.length &&
        change({ init: "custom", weight_variance: round(points[0].x), bias_variance: round(points[0].y) }),
    },
  });
  const section = h("section", { class: "phase", "data-part": "phase" }, element);
  let diagram = null;
  let here = null;

  const update = latest(async (f) => {
    try {
      diagram = await ask("phase", { f, size: 60 }, { signal });
      draw();
    } catch (error) {
      if (error instanceof Refused) section.replaceChildren(problem(error.message));
      else if (error.name !== "AbortError") throw error;
    }
  });

  function mark(found) {
    const moved = ["weight_variance", "bias_variance", "spec"].some((name) => found[name] !== here?.[name]);
    here = found;
    if (diagram && moved) draw();
  }

  function draw() {
    const { weight_variance: x, bias_variance: y, chi1 } = diagram;
    element.draw({
      traces,
      layout,
      summary: [
        diagram.summary,
        here &&
          t("phase.here", {
            weight: number(here.weight_variance),
            bias: number(here.bias_variance),
            phase: t(`phase.${here.phase}`),
          }),
      ].flat(),
      columns: [
        { label: t("depth.weight_variance"), values: x.flatMap((each) => y.map(() => each)) },
        { label: t("depth.bias_variance"), values: x.flatMap(() => y) },
        { label: "χ₁", values: chi1.flat() },
      ],
    });
  }

  // The rows of the answer are weight variances; a heat map's rows are its y.
  function traces() {
    const { weight_variance: x, bias_variance: y, chi1, critical_line: line } = diagram;
    const { cold, warm, page, ink } = colours();
    const size = y.map((_, j) => x.map((__, i) => logarithm(chi1[i][j])));
    const raw = y.map((_, j) => x.map((__, i) => number(chi1[i][j])));
    return [
      {
        type: "heatmap",
        x,
        y,
        z: size,
        text: raw,
        zmin: -1,
        zmax: 1,
        zmid: 0,
        zsmooth: "best",
        colorscale: [
          [0, cold],
          [0.5, page],
          [1, warm],
        ],
        showscale: false,
        hovertemplate: `σw² %{x:.3g}, σb² %{y:.3g}<br>χ₁ = %{text}<extra></extra>`,
      },
      ...(line?.weight_variance?.length
        ? [
            {
              x: line.weight_variance,
              y: line.bias_variance,
              mode: "lines",
              line: { color: ink, width: 2 },
              hoverinfo: "skip",
            },
          ]
        : []),
      ...(here
        ? [
            {
              x: [here.weight_variance],
              y: [here.bias_variance],
              mode: "markers",
              hoverinfo: "skip",
              cliponaxis: false,
              marker: { size: 16, color: page, line: { color: ink, width: 3 }, symbol: "circle" },
            },
          ]
        : []),
    ];
  }

  const layout = () => ({
    xaxis: {
      title: { text: t("phase.weight_axis") },
      range: [0, diagram.weight_variance.at(-1)],
      showgrid: false,
      fixedrange: true,
    },
    yaxis: {
      title: { text: t("phase.bias_axis") },
      range: [0, diagram.bias_variance.at(-1)],
      showgrid: false,
      fixedrange: true,
    },
    hovermode: "closest",
  });

  return Object.assign(section, { update, mark });
}

const round = (x) => Number(x.toPrecision(3));
// Colours only: a factor of 1 is in the middle, tenfold is an end.
const logarithm = (chi1) =>
  Number.isFinite(chi1) && chi1 > 0 ? Math.log10(chi1) * 2 : chi1 === "inf" ? 1 : -1;

const legend = () =>
  h(
    "ul",
    { class: "legend" },
    [
      ["cold", "ordered"],
      ["critical", "critical"],
      ["warm", "chaotic"],
      ["here", "marker"],
    ].map(([kind, key]) =>
      h("li", {}, h("span", { class: `swatch ${kind}`, "aria-hidden": "true" }), t(`phase.${key}`)),
    ),
  );
