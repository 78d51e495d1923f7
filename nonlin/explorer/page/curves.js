// Value and derivative over one x: two panels on linked axes, with lanes between them where each
// function is saturated or dead.

import * as catalogue from "./catalogue.js";
import { chart } from "./chart.js";
import { h, part, swatch } from "./dom.js";
import { readout } from "./readout.js";
import { change } from "./state.js";
import { number, t } from "./text.js";
import { colours, line } from "./theme.js";

const TOP = [0.54, 1];
const LANES = [0.43, 0.5];
const BOTTOM = [0, 0.39];

export function curveChart(signal) {
  const legend = h("ul", { class: "legend" });
  const reader = readout();
  const zoom = matchMedia("(pointer: fine)").matches ? "zoom" : false;
  let answer = null;
  const element = chart({
    name: "nonlin-functions",
    title: t("functions.curves"),
    height: 560,
    signal,
    legend,
    explanation: t("functions.explanation"),
    extra: part("readout", reader),
    events: {
      plotly_hover: ({ points }) => points.length && reader.at(points[0].x),
      plotly_relayout: (moved) => {
        if (moved["xaxis.range[0]"] !== undefined)
          change({ start: round(moved["xaxis.range[0]"]), stop: round(moved["xaxis.range[1]"]) });
        else if (moved["xaxis.autorange"]) change({ start: null, stop: null });
      },
    },
  });
  const layout = () => ({
    dragmode: zoom,
    hovermode: "x",
    hoversubplots: "axis",
    shapes: shading(answer),
    xaxis: {
      anchor: "y2",
      range: interval(answer),
      title: { text: "x" },
      showspikes: true,
      spikemode: "across",
      spikethickness: 1,
      spikedash: "solid",
      spikecolor: colours().soft,
      spikesnap: "cursor",
    },
    yaxis: { domain: TOP, range: span(answer, "value"), title: { text: "φ(x)" }, fixedrange: true },
    yaxis2: { domain: BOTTOM, range: span(answer, "derivative"), title: { text: "φ′(x)" }, fixedrange: true },
  });
  function show(next) {
    const first = !answer || names(answer) !== names(next);
    answer = next;
    if (first) legend.replaceChildren(...entries(answer));
    else
      answer.curves.forEach((each, i) => {
        legend.children[i].lastChild.textContent = catalogue.title(each.spec);
      });
    reader.use(answer);
    return element.draw({
      traces: () => traces(answer),
      layout,
      summary: answer.curves.map((each) => ends(each, answer.x)),
      columns: columns(answer),
    });
  }
  return Object.assign(element, { show });
}

const round = (x) => Number(x.toPrecision(3));
const names = ({ curves }) =>
  curves.map((each) => catalogue.read(each.spec).name + Boolean(each.naive)).join("|");
const interval = ({ x }) => [x[0], x.at(-1)];

function entries({ curves }) {
  const functions = curves.map((each, i) => h("li", {}, swatch(i), catalogue.title(each.spec)));
  const naive =
    curves.some((each) => each.naive) &&
    h("li", {}, h("span", { class: "swatch line naive", "aria-hidden": "true" }), t("functions.textbook"));
  const lanes = ["saturated", "dead"]
    .filter((kind) => curves.some((each) => each[kind].length))
    .map((kind) =>
      h("li", {}, h("span", { class: `swatch ${kind}`, "aria-hidden": "true" }), t(`functions.${kind}`)),
    );
  return [...functions, naive, ...lanes].filter(Boolean);
}

function traces({ x, curves }) {
  return curves.flatMap((each, i) => {
    const name = catalogue.title(each.spec);
    const common = {
      x,
      name,
      mode: "lines",
      line: { ...line(i), simplify: false },
      hovertemplate: "%{y:.5g}<extra>%{fullData.name}</extra>",
    };
    const drawn = [
      { ...common, y: each.value, yaxis: "y" },
      { ...common, y: each.derivative, yaxis: "y2", showlegend: false },
    ];
    if (!each.naive) return drawn;
    const thin = {
      ...common,
      name: `${name}, ${t("functions.textbook")}`,
      line: { color: colours().bad, width: 1.2 },
      showlegend: false,
    };
    return [
      ...drawn,
      { ...thin, y: each.naive.value, yaxis: "y" },
      { ...thin, y: each.naive.derivative, yaxis: "y2" },
    ];
  });
}

const ends = ({ spec, value, supremum }, x) =>
  t("functions.ends", {
    name: catalogue.title(spec),
    start: number(x[0]),
    first: number(value[0]),
    stop: number(x.at(-1)),
    last: number(value.at(-1)),
    supremum: number(supremum),
  });

// One lane a function: pale where it is saturated, full where it is dead. A function that stands
// alone is shaded over both panels too.
function shading({ x, curves }) {
  const [left, right] = [x[0], x.at(-1)];
  const height = (LANES[1] - LANES[0]) / Math.max(curves.length, 2);
  return curves.flatMap((each, i) => {
    const y1 = LANES[1] - i * height;
    const color = colours().series[i % 8];
    const bar = ([from, to], opacity, y) => ({
      type: "rect",
      xref: "x",
      yref: "paper",
      layer: "below",
      line: { width: 0 },
      fillcolor: color,
      opacity,
      x0: Math.max(finite(from, left), left),
      x1: Math.min(finite(to, right), right),
      y0: y[0],
      y1: y[1],
    });
    const lane = [y1 - 0.8 * height, y1];
    const bars = [
      ...each.saturated.map((ends) => bar(ends, 0.35, lane)),
      ...each.dead.map((ends) => bar(ends, 0.9, lane)),
    ];
    const whole =
      curves.length > 1 ? [] : [...each.saturated, ...each.dead].map((ends) => bar(ends, 0.08, [0, 1]));
    return [...bars, ...whole].filter((shape) => shape.x0 < shape.x1);
  });
}

const finite = (end, otherwise) => (Number.isFinite(end) ? end : otherwise);

// A function that grows without bound would press the others flat: the panel ends where x does.
function span({ x, curves }, name) {
  const most = name === "value" ? Math.max(Math.abs(x[0]), Math.abs(x.at(-1))) : 4;
  const values = curves.flatMap((each) => each[name]).filter(Number.isFinite);
  const low = Math.max(
    values.reduce((a, b) => Math.min(a, b), Infinity),
    -most,
  );
  const high = Math.min(
    values.reduce((a, b) => Math.max(a, b), -Infinity),
    most,
  );
  const room = 0.06 * (high - low || 1);
  return low <= high ? [low - room, high + room] : [-1, 1];
}

const columns = ({ x, curves }) => [
  { label: "x", values: x },
  ...curves.flatMap((each) => {
    const name = catalogue.title(each.spec);
    return [
      { label: `${name} φ(x)`, values: each.value },
      { label: `${name} φ′(x)`, values: each.derivative },
      ...(each.naive
        ? [
            { label: `${name} ${t("functions.textbook")} φ(x)`, values: each.naive.value },
            { label: `${name} ${t("functions.textbook")} φ′(x)`, values: each.naive.derivative },
          ]
        : []),
    ];
  }),
];
