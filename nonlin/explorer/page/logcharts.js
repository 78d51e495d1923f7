// A log over time: a heat map of sites and steps, and the gradient by depth at one step.

import { chart, positive } from "./chart.js";
import { choice } from "./controls.js";
import { h } from "./dom.js";
import { change, get } from "./state.js";
import { stepper } from "./stepper.js";
import { t } from "./text.js";
import { colours } from "./theme.js";

const QUANTITIES = ["dead", "saturated", "gradient"];

export function logCharts(signal) {
  const which = choice({
    label: t("examine.quantity"),
    value: get("quantity", "dead"),
    options: QUANTITIES.map((value) => ({ value, label: t(`examine.${value}`) })),
    onChange: (value) => {
      change({ quantity: value });
      draw();
    },
  });
  const when = stepper(t("examine.step"), () => draw());
  const map = chart({
    name: "nonlin-sites",
    title: t("examine.map"),
    explanation: t("examine.map_explanation"),
    height: 340,
    signal,
    legend: which,
  });
  const depth = chart({
    name: "nonlin-gradient-depth",
    title: t("examine.depth"),
    explanation: t("examine.depth_explanation"),
    height: 300,
    signal,
    legend: when,
  });
  let found = null;

  function show(next) {
    found = next;
    when.use(found.steps);
    draw();
  }

  function draw() {
    if (!found) return;
    const quantity = get("quantity", "dead");
    const { labels: sites, steps, heat } = found;
    map.draw({
      traces: () => [
        {
          type: "heatmap",
          x: steps,
          y: sites,
          z: z(heat[quantity] ?? [], quantity),
          ...(quantity === "gradient" ? {} : { zmin: 0, zmax: 1 }),
          colorscale: [
            [0, colours().card],
            [1, colours()[quantity === "gradient" ? "cold" : "warm"]],
          ],
          xgap: 1,
          ygap: 1,
          colorbar: {
            thickness: 10,
            outlinewidth: 0,
            tickformat: quantity === "gradient" ? "" : ".0%",
            tickfont: { color: colours().soft },
            title: { text: quantity === "gradient" ? t("examine.log10") : "" },
          },
          hovertemplate: `%{y}, ${t("examine.step")} %{x}: %{z:.3g}<extra></extra>`,
        },
      ],
      layout: () => ({
        xaxis: { title: { text: t("examine.step") }, showgrid: false },
        yaxis: { autorange: "reversed", type: "category", showgrid: false, tickfont: { size: 12 } },
      }),
      summary: [
        t("examine.map_now", {
          sites: sites.length,
          first: steps[0] ?? "–",
          last: steps.at(-1) ?? "–",
        }),
        found.sentences[quantity],
      ],
      columns: [
        { label: t("examine.step"), values: steps },
        ...sites.map((site, i) => ({ label: site, values: heat[quantity]?.[i] ?? [] })),
      ],
    });
    const place = when.at();
    const gradient = sites.map((_, i) => heat.gradient?.[i]?.[place] ?? null);
    depth.draw({
      traces: () => [
        {
          x: sites,
          y: positive(gradient),
          mode: "lines+markers",
          line: { color: colours().series[0], width: 2.5 },
          marker: { size: 7 },
          hovertemplate: "%{x}: %{y:.3g}<extra></extra>",
        },
      ],
      layout: () => ({
        xaxis: { type: "category", title: { text: t("examine.site_axis") } },
        yaxis: { type: "log", exponentformat: "power", title: { text: t("examine.gradient_axis") } },
      }),
      summary: t("examine.depth_at", { step: steps[place] ?? "–" }),
      columns: [
        { label: t("examine.site_axis"), values: sites },
        { label: t("examine.gradient_axis"), values: gradient },
      ],
    });
  }

  // Gradients span many powers of ten: their colour is the exponent.
  const z = (rows, quantity) =>
    quantity === "gradient" ? rows.map((row) => row.map((x) => (x > 0 ? Math.log10(x) : null))) : rows;
  const element = h("div", { class: "log" }, map, depth);
  return Object.assign(element, { show });
}
