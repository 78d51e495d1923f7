// The view of softmax: what a temperature does to weights, their entropy and the gradient.

import { asking } from "./asking.js";
import { chart } from "./chart.js";
import { numberOf } from "./controls.js";
import { around } from "./scale.js";
import { number as stated, values } from "./state.js";
import { number, percent, t } from "./text.js";
import { colours, line } from "./theme.js";

const NAMES = ["temperature", "n", "variance", "seed"];
const SHARES = ["entropy", "largest"];

export function view(root, signal) {
  const controls = NAMES.map((name) =>
    numberOf(name, { label: t(`softmax.${name}`), hint: name === "temperature" && t("softmax.hint") }),
  );
  const make = (key, height) =>
    chart({
      name: `nonlin-softmax-${key}`,
      title: t(`softmax.${key}_title`),
      explanation: t(`softmax.${key}_explanation`),
      height,
      signal,
    });
  const [weights, entropy, gradient] = [make("weights", 280), make("entropy", 240), make("gradient", 240)];

  function show(found) {
    const place = found.weights.map((_, i) => i + 1);
    weights.draw({
      picture: () => ({
        x: { range: [0, place.length + 1], title: t("softmax.rank") },
        panels: [
          {
            y: { range: around(found.weights, { zero: true }), percent: true },
            marks: [
              {
                type: "line",
                x: place,
                y: found.weights,
                colour: colours().series[0],
                width: 1.5,
                dots: place.length > 200 ? 3 : 6,
                name: t("softmax.weight"),
              },
            ],
          },
        ],
      }),
      summary: t("softmax.now", {
        largest: percent(found.largest),
        effective: number(found.effective, 3),
        n: place.length,
      }),
      columns: [
        { label: t("softmax.rank"), values: place },
        { label: t("softmax.score"), values: found.scores },
        { label: t("softmax.weight"), values: found.weights },
      ],
    });
    over(entropy, found, SHARES, { range: [-0.02, 1.02], percent: true });
    const sizes = [...found.expected.gradient, found.gradient];
    over(gradient, found, ["gradient"], { kind: "log", range: around(sizes, { kind: "log" }) });
  }

  // What is expected at every temperature, and what the drawn scores have at theirs.
  function over(element, found, keys, y) {
    const { temperature: x } = found.expected;
    const here = stated("temperature");
    element.draw({
      picture: () => ({
        x: { kind: "log", range: around([...x, here], { kind: "log" }), title: t("softmax.temperature") },
        panels: [
          {
            y,
            marks: keys.flatMap((key, place) => [
              { ...line(place), x, y: found.expected[key], name: t(`softmax.${key}`) },
              {
                type: "points",
                above: true,
                x: [here],
                y: [found[key]],
                size: 11,
                colour: colours().page,
                stroke: line(place).colour,
                width: 2.5,
              },
            ]),
          },
        ],
      }),
      legend: [
        ...keys.map((key, place) => ({ place, label: t(`softmax.${key}`) })),
        { kind: "here", label: t("softmax.drawn") },
      ],
      summary: keys.map((key) =>
        t("softmax.is", {
          what: t(`softmax.${key}`),
          size: y.percent ? percent(found[key]) : number(found[key], 3),
        }),
      ),
      columns: [
        { label: t("softmax.temperature"), values: x },
        ...keys.map((key) => ({ label: t(`softmax.${key}`), values: found.expected[key] })),
      ],
    });
  }

  asking(
    { root, signal },
    {
      name: "softmax",
      path: "softmax",
      fields: () => values(...NAMES),
      controls,
      kept: controls.slice(0, 1),
      charts: [weights, entropy, gradient],
      show,
    },
  );
}
