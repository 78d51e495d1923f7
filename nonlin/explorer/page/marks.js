// What stands in a chart: lines, bands, bars, points, and fields of colour.

import { s } from "./dom.js";

const FAR = 1e4; // pixels: beyond what is shown, and drawn exactly

// Each takes a mark and the two scales of its panel.
export const MARKS = { line, band, bars, points, field };

// `breaks` are {x, left, right}: there the line ends and begins anew.
function line({ x, y, colour, width = 2.5, dash = "", dots = 0, breaks }, across, up) {
  const path = s("path", {
    d: way(x, y, across, up, breaks),
    fill: "none",
    stroke: colour,
    "stroke-width": width,
    "stroke-dasharray": dash,
    "stroke-linejoin": "round",
  });
  return dots ? s("g", {}, path, points({ x, y, colour, size: dots }, across, up)) : path;
}

function way(x, y, across, up, breaks = []) {
  let d = "";
  let pen = "M";
  let next = 0;
  const put = (a, b) => {
    const [left, top] = [across.at(a), up.at(b)];
    const known = Number.isFinite(left) && Number.isFinite(top);
    if (known) d += `${pen}${left.toFixed(1)} ${Math.min(Math.max(top, -FAR), FAR).toFixed(1)}`;
    pen = known ? "L" : "M";
  };
  for (let i = 0; i < x.length; i++) {
    let passed = false;
    for (; next < breaks.length && breaks[next].x <= x[i]; next++) {
      put(breaks[next].x, breaks[next].left);
      pen = "M";
      put(breaks[next].x, breaks[next].right);
      passed = breaks[next].x === x[i];
    }
    if (!passed) put(x[i], y[i]);
  }
  return d;
}

function band({ x, low, high, colour }, across, up) {
  const there = way(x, high, across, up);
  const back = way([...x].reverse(), [...low].reverse(), across, up);
  return s("path", { d: `${there}${back.replace("M", "L")}Z`, fill: colour });
}

// Intervals of x over the height of a row, or of the panel.
function bars({ spans, row, colour, opacity }, across, up) {
  const [top, height] = row === undefined ? [up.end, up.start - up.end] : [up.at(row) - 4.5, 9];
  const rects = spans.map(([from, to]) => {
    const x = across.at(from);
    return s("rect", { x, y: top, width: Math.max(across.at(to) - x, 0), height });
  });
  return s("g", { fill: colour, opacity }, ...rects);
}

function points({ x, y, colour, size = 5, shape = "circle", stroke, width = 0 }, across, up) {
  const half = size / 2;
  const circle = `m${-half} 0a${half} ${half} 0 1 0 ${size} 0a${half} ${half} 0 1 0 ${-size} 0z`;
  const corner = 1.25 * half;
  const diamond = `m0 ${-corner}l${corner} ${corner}l${-corner} ${corner}l${-corner} ${-corner}z`;
  let d = "";
  for (let i = 0; i < x.length; i++) {
    const [left, top] = [across.at(x[i]), up.at(y[i])];
    if (Number.isFinite(left) && Number.isFinite(top))
      d += `M${left.toFixed(1)} ${top.toFixed(1)}${shape === "circle" ? circle : diamond}`;
  }
  // Under the fill: where points overlap, an outline is around all of them.
  return s("path", { d, fill: colour, stroke, "stroke-width": 2 * width, "paint-order": "stroke" });
}

// A colour, [r, g, b] or null, at every x and y, evenly spread on the page. Between them it is blended
// where the field is `smooth`; `level` draws the line where `z` passes it.
function field({ x, y, colour, smooth, z, level, ink }, across, up) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [x.length, y.length];
  const context = canvas.getContext("2d");
  const image = context.createImageData(x.length, y.length);
  const flipped = up.at(y[0]) > up.at(y.at(-1));
  y.forEach((_, j) =>
    x.forEach((__, i) => {
      const found = colour(i, j);
      const row = flipped ? y.length - 1 - j : j;
      if (found) image.data.set([...found, 255], 4 * (row * x.length + i));
    }),
  );
  context.putImageData(image, 0, 0);
  const box = (scale, values) => {
    const [a, b] = [scale.at(values[0]), scale.at(values.at(-1))].sort((p, q) => p - q);
    const half =
      values.length > 1 ? (b - a) / (values.length - 1) / 2 : Math.abs(scale.end - scale.start) / 2;
    return [a - half, b - a + 2 * half];
  };
  const [left, width] = box(across, x);
  const [top, height] = box(up, y);
  const picture = s("image", {
    href: canvas.toDataURL(),
    x: left,
    y: top,
    width,
    height,
    preserveAspectRatio: "none",
    "image-rendering": smooth ? "auto" : "pixelated",
  });
  if (!z) return picture;
  const d = contour(x, y, z, level, across, up);
  return s("g", {}, picture, s("path", { d, fill: "none", stroke: ink, "stroke-width": 1.5 }));
}

// Marching squares: in each cell the level enters and leaves through sides whose ends it separates.
function contour(x, y, z, level, across, up) {
  let d = "";
  for (let j = 0; j + 1 < y.length; j++)
    for (let i = 0; i + 1 < x.length; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]]; // prettier-ignore
      const crossed = corners.flatMap(([a, b], k) => {
        const [c, e] = corners[(k + 1) % 4];
        const [from, to] = [z[b][a] - level, z[e][c] - level];
        if (from < 0 === to < 0) return [];
        const share = from / (from - to);
        const left = across.at(x[a] + share * (x[c] - x[a]));
        return [`${left.toFixed(1)} ${up.at(y[b] + share * (y[e] - y[b])).toFixed(1)}`];
      });
      for (let k = 0; k + 1 < crossed.length; k += 2) d += `M${crossed[k]}L${crossed[k + 1]}`;
    }
  return d;
}

// A colour between two of the page's, for fields.
export function blend(from, to, share) {
  const read = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const [a, b] = [read(from), read(to)];
  return a.map((each, i) => Math.round(each + (b[i] - each) * share));
}
