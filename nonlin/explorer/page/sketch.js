// The first picture of some lines: a reader sees the curves while the browser still compiles Plotly,
// which takes a second. It has the axes, colours and dashes of Plotly's own, which then takes its
// place, and nothing to hover or drag.

const SPACE = "http://www.w3.org/2000/svg";
const DASHES = {
  solid: "",
  dot: "3 3",
  dash: "9 9",
  longdash: "12 12",
  dashdot: "9 3 3 3",
  longdashdot: "12 3 3 3",
};
const ROOM = { x: 90, y: 30 }; // pixels between two ticks, at least

// An element to put into `plot`, or null where there is more than lines on linear axes of known range.
export function sketch(plot, traces, layout) {
  const axes = Object.entries(layout).filter(([name]) => /^[xy]axis\d*$/.test(name));
  const isPlain = ([, axis]) => axis.range && axis.type !== "log";
  if (!axes.every(isPlain) || !traces.every((trace) => trace.mode === "lines")) return null;
  const { width, height } = plot.getBoundingClientRect();
  const { l, r, t, b } = layout.margin;
  const inner = { left: l, top: t, width: width - l - r, height: height - t - b };
  if (inner.width <= 0) return null;
  const picture = svg("svg", { width, height, class: "sketch", "aria-hidden": "true" });
  const across = scale(layout.xaxis, inner.left, inner.left + inner.width, ROOM.x);
  for (const shape of layout.shapes ?? []) picture.append(bar(shape, across, inner));
  for (const [name, axis] of axes.filter(([name]) => name[0] === "y")) {
    const [low, high] = axis.domain ?? [0, 1];
    const place = (share) => inner.top + inner.height * (1 - share);
    const up = scale(axis, place(low), place(high), ROOM.y);
    picture.append(...grid(layout, axis, across, up, axis === lowest(axes)));
    const own = traces.filter((trace) => (trace.yaxis ?? "y").replace("y", "yaxis") === name);
    picture.append(...own.map((trace) => curve(trace, across, up)));
  }
  return picture;
}

function svg(tag, attributes, text = "") {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

function scale({ range: [from, to] }, start, end, room) {
  const at = (value) => start + ((value - from) / (to - from)) * (end - start);
  return { from, to, start, end, at, ticks: ticks(from, to, Math.abs(end - start) / room) };
}

// The multiples of 1, 2 or 5 times a power of ten that lie in an interval, at most `most` of them.
function ticks(from, to, most) {
  const least = (to - from) / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * [1, 2, 5, 10].find((each) => each * power >= least);
  const first = Math.ceil(from / step);
  const count = Math.floor(to / step) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

// What is shaded: between two places of x, over a share of the picture's height.
function bar({ x0, x1, y0, y1, fillcolor, opacity }, across, { top, height }) {
  const x = across.at(x0);
  const y = top + height * (1 - y1);
  return svg("rect", { x, y, width: across.at(x1) - x, height: height * (y1 - y0), fill: fillcolor, opacity });
}

const lowest = (axes) =>
  axes
    .filter(([name]) => name[0] === "y")
    .map(([, axis]) => axis)
    .sort((a, b) => (a.domain?.[0] ?? 0) - (b.domain?.[0] ?? 0))[0];

function* grid(layout, axis, across, up, isLowest) {
  const line = (value, x1, x2, y1, y2) => {
    const stroke = value === 0 ? layout.xaxis.zerolinecolor : layout.xaxis.gridcolor;
    return svg("line", { x1, x2, y1, y2, stroke });
  };
  const label = (value, x, y, anchor) => {
    const { size, color } = axis.tickfont;
    const place = { x, y, fill: color, "font-size": size, "text-anchor": anchor };
    return svg("text", place, String(value).replace("-", "−"));
  };
  for (const value of across.ticks) {
    const x = across.at(value);
    yield line(value, x, x, up.start, up.end);
    if (isLowest) yield label(value, x, up.start + 15, "middle");
  }
  for (const value of up.ticks) {
    const y = up.at(value);
    yield line(value, across.start, across.end, y, y);
    yield label(value, across.start - 3, y + 4, "end");
  }
}

// Of what lies outside its panel nothing is drawn.
function curve({ x, y, line }, across, up) {
  let d = "";
  let pen = "M";
  y.forEach((value, i) => {
    const place = up.at(value);
    const isSeen = Number.isFinite(value) && place >= up.end && place <= up.start;
    if (isSeen) d += `${pen}${across.at(x[i]).toFixed(1)} ${place.toFixed(1)}`;
    pen = isSeen ? "L" : "M";
  });
  const dash = DASHES[line.dash ?? "solid"] ?? line.dash.replaceAll("px", "");
  return svg("path", { d, fill: "none", stroke: line.color, "stroke-width": line.width, "stroke-dasharray": dash });
}
