// Value and derivative over one x, and between them a lane for each function, where it is saturated or
// dead.

import * as catalogue from "./catalogue.js";
import { chart } from "./chart.js";
import { part } from "./dom.js";
import { isFile } from "./file.js";
import { readout } from "./readout.js";
import { change } from "./state.js";
import { number, t } from "./text.js";
import { colours, line } from "./theme.js";

const HEIGHT = { panel: 215, lane: 15, gap: 12, axis: 52 };
// Narrower than this share of what is shown nothing is a region: the slope passes 0.
const LEAST = 0.02;

export function curveChart(signal) {
  const reader = readout();
  const element = chart({
    name: "nonlin-functions",
    title: t("functions.curves"),
    signal,
    explanation: isFile ? t("functions.explanation") : `${t("functions.explanation")} ${t("functions.zoom")}`,
    extra: part("readout", reader),
    events: {
      at: reader.at,
      zoom:
        !isFile &&
        ((ends) =>
          change(ends ? { start: round(ends[0]), stop: round(ends[1]) } : { start: null, stop: null })),
    },
  });
  function show(answer) {
    reader.use(answer);
    element.draw({
      picture: () => picture(answer),
      height: height(answer),
      legend: legend(answer),
      summary: answer.curves.map((each) => ends(each, answer.x)),
      columns: columns(answer),
    });
  }
  return Object.assign(element, { show });
}

const round = (x) => Number(x.toPrecision(3));
const KINDS = { saturated: 0.35, dead: 0.9 };
const lanes = ({ curves }) =>
  curves.flatMap((each, place) => {
    const seen = Object.keys(KINDS).filter((kind) => each[kind].length);
    return seen.length ? [{ ...each, place }] : [];
  });
const gaps = (answer) => HEIGHT.lane * lanes(answer).length + 2 * HEIGHT.gap;
const height = (answer) => 2 * HEIGHT.panel + gaps(answer) + HEIGHT.axis;

function picture(answer) {
  const rows = lanes(answer);
  const all = height(answer) - HEIGHT.axis;
  const [top, bottom] = [HEIGHT.panel / all, 1 - HEIGHT.panel / all];
  const panel = (name, title) => ({
    y: { range: span(answer, name), title },
    marks: [...shade(answer, rows), ...curves(answer, name)],
  });
  const middle = {
    y: { categories: rows.map((each) => catalogue.title(each.spec)) },
    from: top + HEIGHT.gap / all,
    to: bottom - HEIGHT.gap / all,
    marks: rows.flatMap((each, row) => bars(answer, each, { row })),
  };
  return {
    x: { range: [answer.x[0], answer.x.at(-1)], title: "x" },
    panels: [
      { ...panel("value", "φ(x)"), to: top },
      ...(rows.length ? [middle] : []),
      { ...panel("derivative", "φ′(x)"), from: bottom },
    ],
  };
}

const curves = ({ x, curves: all }, quantity) =>
  all.flatMap((each, place) => {
    const name = catalogue.title(each.spec);
    const own = { ...line(place), x, y: each[quantity], name, breaks: each.breaks[quantity] };
    if (!each.naive) return [own];
    const textbook = { type: "line", x, y: each.naive[quantity], colour: colours().bad, width: 1.2 };
    return [own, { ...textbook, name: `${name}, ${t("functions.textbook")}` }];
  });

const bars = ({ x }, each, where) =>
  Object.entries(KINDS).map(([kind, opacity]) => {
    const least = LEAST * (x.at(-1) - x[0]);
    const spans = each[kind].filter(([from, to]) => to - from > least);
    return { type: "bars", spans, colour: colours().series[each.place % 8], opacity, ...where };
  });

// A function that stands alone is shaded over both panels too.
const shade = (answer, rows) =>
  answer.curves.length > 1
    ? []
    : rows.flatMap((each) => bars(answer, each, {}).map((mark) => ({ ...mark, opacity: 0.08 })));

function legend({ curves }) {
  const kinds = Object.keys(KINDS).filter((kind) => curves.some((each) => each[kind].length));
  return [
    ...curves.map(({ spec }, place) => ({ place, label: catalogue.title(spec) })),
    ...(curves.some((each) => each.naive) ? [{ kind: "naive", label: t("functions.textbook") }] : []),
    ...kinds.map((kind) => ({ kind, label: t(`functions.${kind}`) })),
  ];
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
  ...curves.flatMap(({ spec, value, derivative, naive }) => {
    const [name, textbook] = [catalogue.title(spec), t("functions.textbook")];
    return [
      { label: `${name} φ(x)`, values: value },
      { label: `${name} φ′(x)`, values: derivative },
      ...(naive
        ? [
            { label: `${name} ${textbook} φ(x)`, values: naive.value },
            { label: `${name} ${textbook} φ′(x)`, values: naive.derivative },
          ]
        : []),
    ];
  }),
];
