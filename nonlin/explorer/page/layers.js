// Three quantities by layer: predicted, with the band of finite widths, and measured.

import { chart, legendOf, positive } from "./chart.js";
import { h } from "./dom.js";
import { number, t } from "./text.js";
import { colours } from "./theme.js";

export function layerCharts(signal) {
  const gradient = one("gradient", 380, signal);
  const length = one("length", 260, signal);
  const correlation = one("correlation", 260, signal);

  function show(found, measured) {
    return Promise.all([
      draw(gradient, found, measured, "gradient", {
        type: "log",
        ...decades([...found.layers.gradient, ...(measured?.layers.gradient ?? [])]),
        exponentformat: "power",
        title: { text: t("depth.gradient_axis") },
      }),
      draw(length, found, measured, "length", {
        title: { text: t("depth.length_axis") },
        rangemode: "tozero",
      }),
      draw(correlation, found, measured, "correlation", {
        title: { text: t("depth.correlation_axis") },
        range: [correlationFloor(found, measured), 1.05],
      }),
    ]);
  }
  return { gradient, length, correlation, show };
}

function one(name, height, signal) {
  return chart({
    name: `nonlin-${name}`,
    title: t(`depth.${name}_title`),
    explanation: t(`depth.${name}_explanation`),
    height,
    signal,
    legend: h("div"),
  });
}

// Both ends in words; how they came about is said above the charts.
function ends({ layers, depth }, name, measured) {
  const sentence = (columns, what) =>
    t("depth.ends", { what, first: number(columns[name][0]), last: number(columns[name].at(-1)), depth });
  return [sentence(layers, t("depth.predicted")), measured && sentence(measured.layers, t("depth.measured"))];
}

// Decades alone are labelled, unless there are few of them.
function decades(values) {
  const some = values.filter((each) => each > 0);
  return Math.max(...some) > 50 * Math.min(...some)
    ? { dtick: Math.max(1, Math.ceil(Math.log10(Math.max(...some) / Math.min(...some)) / 10)) }
    : {};
}

const correlationFloor = (found, measured) =>
  [...found.layers.correlation, ...(measured?.layers.correlation ?? [])].some((each) => each < 0)
    ? -1.05
    : -0.05;

function draw(element, found, measured, name, yaxis) {
  const layer = found.layers.layer;
  const band = name === "gradient" && found.band;
  const shown = yaxis.type === "log" ? positive : (values) => values;
  const traces = () => {
    const { series } = colours();
    const common = {
      x: layer,
      mode: "lines",
      hovertemplate: `${t("depth.layer")} %{x}: %{y:.4g}<extra>%{fullData.name}</extra>`,
    };
    return [
      ...(band
        ? [
            {
              x: layer,
              y: band.low,
              mode: "lines",
              line: { width: 0 },
              hoverinfo: "skip",
              showlegend: false,
            },
            {
              x: layer,
              y: band.high,
              mode: "lines",
              line: { width: 0 },
              fill: "tonexty",
              fillcolor: colours().band,
              hoverinfo: "skip",
              name: t("depth.band"),
            },
          ]
        : []),
      {
        ...common,
        y: shown(found.layers[name]),
        name: t("depth.predicted"),
        line: { color: series[0], width: 2.5 },
      },
      ...(measured
        ? [
            {
              ...common,
              y: shown(measured.layers[name]),
              name: t("depth.measured"),
              mode: "lines+markers",
              line: { color: series[1], width: 1.5, dash: "dot" },
              marker: { size: 5, color: series[1] },
            },
          ]
        : []),
    ];
  };
  element.children[1].replaceChildren(
    legendOf([
      { place: 0, label: t("depth.predicted") },
      ...(band ? [{ kind: "band", label: t("depth.band") }] : []),
      ...(measured ? [{ place: 1, label: t("depth.measured") }] : []),
    ]),
  );
  return element.draw({
    traces,
    layout: () => ({
      hovermode: "x unified",
      xaxis: { title: { text: t("depth.layer_axis") }, range: [0.5, layer.at(-1) + 0.5] },
      yaxis,
    }),
    summary: ends(found, name, measured),
    columns: [
      { label: t("depth.layer"), values: layer },
      { label: t("depth.predicted"), values: found.layers[name] },
      ...(band
        ? [
            { label: t("depth.low"), values: band.low },
            { label: t("depth.high"), values: band.high },
          ]
        : []),
      ...(measured ? [{ label: t("depth.measured"), values: measured.layers[name] }] : []),
    ],
  });
}
