// A log over time: the loss, a heat map of sites and steps, and the gradient by depth at one step.

import { chart } from "./chart.js";
import { choice } from "./controls.js";
import { h } from "./dom.js";
import { blend } from "./marks.js";
import { around } from "./scale.js";
import { change, get } from "./state.js";
import { stepper } from "./stepper.js";
import { number, percent, t } from "./text.js";
import { colours } from "./theme.js";

const QUANTITIES = ["dead", "saturated", "gradient"];
const ROW = { height: 17, room: 70, least: 260 };

export function logCharts(signal) {
  const which = choice({
    label: t("examine.quantity"),
    value: get("quantity"),
    options: QUANTITIES.map((value) => ({ value, label: t(`examine.${value}`) })),
    onChange: (value) => {
      change({ quantity: value });
      draw();
    },
  });
  const when = stepper(t("examine.step"), () => draw());
  const make = (key, name, height, controls) =>
    chart({
      name,
      title: t(`examine.${key}`),
      explanation: t(`examine.${key}_explanation`),
      height,
      signal,
      controls,
    });
  const loss = make("loss", "nonlin-loss", 220);
  const map = make("map", "nonlin-sites", null, which);
  const depth = make("depth", "nonlin-gradient-depth", null, when);
  let found = null;

  function show(next) {
    found = next;
    when.use(found.steps);
    draw();
  }

  function draw() {
    if (!found) return;
    drawLoss();
    drawMap();
    drawDepth();
  }

  function drawLoss() {
    const { steps, loss: values } = found;
    const kind = values.some((each) => each <= 0) ? "linear" : "log";
    loss.hidden = values.every((each) => each === null);
    loss.draw({
      picture: () => ({
        x: { range: around(steps), title: t("examine.step") },
        panels: [
          {
            y: { kind, range: around(values, { kind, decades: 1 }), title: t("race.loss_axis") },
            marks: [
              {
                type: "line",
                x: steps,
                y: values,
                name: t("race.loss_axis"),
                colour: colours().series[0],
                dots: 5,
              },
            ],
          },
        ],
      }),
      summary: t("examine.loss_now", {
        first: number(values[0]),
        last: number(values.at(-1)),
        step: steps.at(-1) ?? "–",
      }),
      columns: [
        { label: t("examine.step"), values: steps },
        { label: t("race.loss_axis"), values },
      ],
    });
  }

  const tall = () => Math.max(ROW.least, ROW.room + ROW.height * found.labels.length);

  function drawMap() {
    const quantity = get("quantity");
    const { labels: sites, steps, heat } = found;
    const rows = heat[quantity] ?? [];
    const isGradient = quantity === "gradient";
    const [low, high] = isGradient ? around(rows.flat(), { kind: "log" }).map(Math.log10) : [0, 1];
    // Gradients span many powers of ten: their colour is the exponent.
    const share = (z) => ((isGradient ? Math.log10(z) : z) - low) / (high - low);
    const said = isGradient ? number : percent;
    map.draw({
      height: tall(),
      picture: () => {
        const { card, cold, warm } = colours();
        return {
          x: { categories: steps.map(String), title: t("examine.step") },
          panels: [
            {
              y: { categories: sites },
              marks: [
                {
                  type: "field",
                  x: steps.map((_, i) => i),
                  y: sites.map((_, j) => j),
                  colour: (i, j) =>
                    typeof rows[j][i] === "number" && (!isGradient || rows[j][i] > 0)
                      ? blend(card, isGradient ? cold : warm, share(rows[j][i]))
                      : null,
                  text: (i, j) => [sites[j], `${t("examine.step")} ${steps[i]}: ${said(rows[j][i])}`],
                },
              ],
            },
          ],
        };
      },
      summary: [
        t("examine.map_now", { sites: sites.length, first: steps[0] ?? "–", last: steps.at(-1) ?? "–" }),
        t(`examine.colour_${isGradient ? "gradient" : "share"}`, {
          low: number(10 ** low, 2),
          high: number(10 ** high, 2),
        }),
        found.sentences[quantity],
      ],
      columns: [
        { label: t("examine.step"), values: steps },
        ...sites.map((site, i) => ({ label: site, values: rows[i] ?? [] })),
      ],
    });
  }

  // Downwards as the signal goes, each site with its name.
  function drawDepth() {
    const { labels: sites, steps, heat } = found;
    const place = when.at();
    const gradient = sites.map((_, i) => heat.gradient?.[i]?.[place] ?? null);
    depth.draw({
      height: tall(),
      picture: () => ({
        x: { kind: "log", range: around(gradient, { kind: "log" }), title: t("examine.gradient_axis") },
        panels: [
          {
            y: { categories: sites },
            marks: [
              {
                type: "line",
                x: gradient,
                y: sites.map((_, j) => j),
                name: t("examine.gradient_axis"),
                colour: colours().series[0],
                dots: 7,
              },
            ],
          },
        ],
      }),
      summary: t("examine.depth_at", { step: steps[place] ?? "–" }),
      columns: [
        { label: t("examine.site_axis"), values: sites },
        { label: t("examine.gradient_axis"), values: gradient },
      ],
    });
  }
  return Object.assign(h("div", { class: "log" }, loss, map, depth), { show });
}
