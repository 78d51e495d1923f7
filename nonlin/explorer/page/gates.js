// The view of gates: what comes out over both inputs, and a cut through it.

import { asking } from "./asking.js";
import { chart } from "./chart.js";
import { numberOf, select, wordOf } from "./controls.js";
import { blend } from "./marks.js";
import { around } from "./scale.js";
import { change, number, onChange, values } from "./state.js";
import { number as written, t } from "./text.js";
import { colours, line } from "./theme.js";

export function view(root, signal) {
  const which = wordOf(select, "gate", { label: t("gates.gate") });
  const reach = numberOf("reach", { label: t("gates.reach") });
  const cut = numberOf("cut", { label: t("gates.cut"), hint: t("gates.cut_hint") });
  const make = (key, height, events) =>
    chart({
      name: `nonlin-gate-${key}`,
      title: t(`gates.${key}_title`),
      explanation: t(`gates.${key}_explanation`),
      height,
      signal,
      events,
    });
  const surface = make("surface", 400, { click: ({ y }) => change({ cut: Number(y.toPrecision(3)) }) });
  const section = make("section", 400);
  let found = null;

  // The row of values nearest to the cut: every number is the kernel's.
  const row = () =>
    found.inputs.reduce(
      (best, each, i) =>
        Math.abs(each - number("cut")) < Math.abs(found.inputs[best] - number("cut")) ? i : best,
      0,
    );

  function draw() {
    const { inputs, title } = found;
    const at = row();
    surface.draw({
      picture: () => picture(found, at),
      legend: [
        { kind: "cold", label: t("gates.negative") },
        { kind: "warm", label: t("gates.positive") },
      ],
      summary: `${title}: ${found.formula} (${found.paper}).`,
      columns: [
        { label: t("gates.value"), values: inputs.flatMap((v) => inputs.map(() => v)) },
        { label: t("gates.gate_axis"), values: inputs.flatMap(() => inputs) },
        ...["output", "by_gate", "by_value"].map((key) => ({
          label: t(`gates.${key}`),
          values: found[key].flat(),
        })),
      ],
    });
    const keys = ["output", "by_gate", "by_value"];
    const panel = (names, from, to) => {
      const rows = names.map((key) => found[key][at]);
      const marks = rows.map((y, i) => ({
        ...line(keys.indexOf(names[i])),
        x: inputs,
        y,
        name: t(`gates.${names[i]}`),
      }));
      return { y: { range: around(rows.flat(), { zero: true }) }, from, to, marks };
    };
    section.draw({
      picture: () => ({
        x: { range: [inputs[0], inputs.at(-1)], title: t("gates.gate_axis") },
        panels: [panel(["output"], 0, 0.46), panel(["by_gate", "by_value"], 0.54, 1)],
      }),
      legend: keys.map((key, place) => ({ place, label: t(`gates.${key}`) })),
      summary: t("gates.at", { value: written(inputs[at], 3) }),
      columns: [
        { label: t("gates.gate_axis"), values: inputs },
        ...keys.map((key) => ({ label: t(`gates.${key}`), values: found[key][at] })),
      ],
    });
  }

  asking(
    { root, signal },
    {
      name: "gates",
      path: "gate",
      fields: () => values("gate", "reach"),
      controls: [which, reach, cut],
      kept: [cut],
      charts: [surface, section],
      ignores: ["cut"],
      show: (answer) => {
        found = answer;
        draw();
      },
    },
  );
  onChange((names) => names.has("cut") && found && draw(), signal);
}

function picture({ inputs, output, by_gate: byGate, by_value: byValue }, at) {
  const { cold, warm, page, ink } = colours();
  const most = output.flat().reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
  const range = [inputs[0], inputs.at(-1)];
  return {
    x: { range, title: t("gates.gate_axis"), plain: true },
    panels: [
      {
        y: { range, title: t("gates.value"), plain: true },
        marks: [
          {
            type: "field",
            x: inputs,
            y: inputs,
            smooth: true,
            // Small outputs are told apart, too.
            colour: (i, j) =>
              blend(page, output[j][i] < 0 ? cold : warm, Math.sqrt(Math.abs(output[j][i]) / most)),
            text: (i, j) => [
              `${t("gates.gate_axis")} ${written(inputs[i], 3)}, ${t("gates.value")} ${written(inputs[j], 3)}`,
              `${t("gates.output")} ${written(output[j][i])}`,
              `${t("gates.by_gate")} ${written(byGate[j][i])}`,
              `${t("gates.by_value")} ${written(byValue[j][i])}`,
            ],
          },
          { type: "line", x: range, y: [inputs[at], inputs[at]], colour: ink, width: 1.5, dash: "5 4" },
        ],
      },
    ],
  };
}
