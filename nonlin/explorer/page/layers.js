// Three quantities by layer: predicted, with the band of finite widths, and measured.

import { chart } from "./chart.js";
import { around } from "./scale.js";
import { number, t } from "./text.js";
import { colours } from "./theme.js";

export function layerCharts(signal) {
  const [gradient, length, correlation] = ["gradient", "length", "correlation"].map((name, i) =>
    chart({
      name: `nonlin-${name}`,
      title: t(`depth.${name}_title`),
      explanation: t(`depth.${name}_explanation`),
      height: i ? 240 : 290,
      signal,
    }),
  );
  function show(found, measured) {
    draw(gradient, found, measured, "gradient", (values) => ({
      kind: "log",
      range: around(values, { kind: "log" }),
    }));
    draw(length, found, measured, "length", (values) => ({ range: around(values, { zero: true }) }));
    draw(correlation, found, measured, "correlation", (values) => ({
      range: [values.some((each) => each < 0) ? -1.05 : -0.05, 1.05],
    }));
  }
  return { gradient, length, correlation, show };
}

// Both ends in words; how they came about is said above the charts.
function ends({ layers, depth }, name, what) {
  return t("depth.ends", { what, first: number(layers[name][0]), last: number(layers[name].at(-1)), depth });
}

function draw(element, found, measured, name, axis) {
  const x = found.layers.layer;
  const band = name === "gradient" && found.band;
  const [predicted, sampled] = [found.layers[name], measured?.layers[name]];
  const picture = () => {
    const { series, band: pale } = colours();
    const line = { type: "line", x };
    return {
      x: { range: [0.5, x.at(-1) + 0.5], title: t("depth.layer_axis") },
      panels: [
        {
          y: { ...axis([...predicted, ...(sampled ?? [])]), title: t(`depth.${name}_axis`) },
          marks: [
            ...(band ? [{ type: "band", x, low: band.low, high: band.high, colour: pale }] : []),
            { ...line, y: predicted, name: t("depth.predicted"), colour: series[0] },
            ...(sampled
              ? [
                  {
                    ...line,
                    y: sampled,
                    name: t("depth.measured"),
                    colour: series[1],
                    width: 1.5,
                    dash: "3 3",
                    dots: 5,
                  },
                ]
              : []),
          ],
        },
      ],
    };
  };
  element.draw({
    picture,
    legend: [
      { place: 0, label: t("depth.predicted") },
      ...(band ? [{ kind: "band", label: t("depth.band") }] : []),
      ...(measured ? [{ place: 1, label: t("depth.measured") }] : []),
    ],
    summary: [
      ends(found, name, t("depth.predicted")),
      measured && ends({ ...measured, depth: found.depth }, name, t("depth.measured")),
    ],
    columns: [
      { label: t("depth.layer"), values: x },
      { label: t("depth.predicted"), values: predicted },
      ...(band
        ? [
            { label: t("depth.low"), values: band.low },
            { label: t("depth.high"), values: band.high },
          ]
        : []),
      ...(measured ? [{ label: t("depth.measured"), values: sampled }] : []),
    ],
  });
}
