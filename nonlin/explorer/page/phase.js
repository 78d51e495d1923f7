// The phase diagram: where gradients vanish and where they explode. A click sets the variances.

import { ask, latest, Refused } from "./api.js";
import { chart } from "./chart.js";
import { problem } from "./controls.js";
import { h } from "./dom.js";
import { isFile } from "./file.js";
import { blend } from "./marks.js";
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
    events: {
      click:
        !isFile &&
        (({ x, y }) => change({ init: "custom", weight_variance: round(x), bias_variance: round(y) })),
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
      picture,
      legend: [
        ["cold", "ordered"],
        ["critical", "critical"],
        ["warm", "chaotic"],
        ["here", "marker"],
      ].map(([kind, key]) => ({ kind, label: t(`phase.${key}`) })),
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

  // Weight variances that people use lie decades below those at which some functions are critical, and
  // bias variances that matter near 0: one axis is logarithmic, the other stretched there.
  function picture() {
    const { weight_variance: x, bias_variance: y, chi1, critical_line: line } = diagram;
    const { cold, warm, page, ink } = colours();
    const variance = here && Math.min(Math.max(here.weight_variance, x[0]), x.at(-1));
    return {
      x: { kind: "log", range: [x[0], x.at(-1)], title: t("phase.weight_axis"), plain: true },
      panels: [
        {
          y: { kind: "sqrt", range: [0, y.at(-1)], title: t("phase.bias_axis"), plain: true, ticks: BIASES },
          marks: [
            {
              type: "field",
              x,
              y,
              smooth: true,
              colour: (i, j) => {
                const size = strength(chi1[i][j]);
                return blend(page, size < 0 ? cold : warm, Math.abs(size));
              },
              text: (i, j) => [
                `σw² ${number(x[i], 3)}, σb² ${number(y[j], 3)}`,
                `χ₁ = ${number(chi1[i][j])}`,
              ],
            },
            { type: "line", x: line.weight_variance, y: line.bias_variance, colour: ink, width: 2 },
            ...(here
              ? [
                  {
                    type: "points",
                    above: true,
                    x: [variance],
                    y: [Math.min(here.bias_variance, y.at(-1))],
                    size: 16,
                    colour: page,
                    stroke: ink,
                    width: 3,
                  },
                ]
              : []),
          ],
        },
      ],
    };
  }

  return Object.assign(section, { update, mark });
}

const BIASES = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 1];
const round = (x) => Number(x.toPrecision(3));
// A factor of 1 is in the middle, threefold is an end.
const strength = (chi1) =>
  Number.isFinite(chi1) && chi1 > 0
    ? Math.min(Math.max(Math.log10(chi1) * 2, -1), 1)
    : chi1 === "inf"
      ? 1
      : -1;
