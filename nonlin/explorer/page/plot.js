// A chart's drawing in SVG: panels above each other on one x, with axes, grid and marks.

import { s } from "./dom.js";
import { MARKS } from "./marks.js";
import { scale } from "./scale.js";
import { colours } from "./theme.js";

const ROOM = { x: 74, y: 26 }; // pixels that a label takes
const LETTERS = 12;
const measure = document.createElement("canvas").getContext("2d");

// `x` is an axis with a title, `panels` are {y, from, to, marks}: their place is a share of the height,
// from above; `bare` leaves the axes away. Gives the drawing and its scales.
export function draw({ x, panels, bare }, width, height) {
  const family = getComputedStyle(document.body).fontFamily;
  measure.font = `${LETTERS}px ${family}`;
  const box = bare
    ? { left: 2, top: 2, right: width - 2, bottom: height - 2 }
    : room(x, panels, width, height);
  const across = scale(x, box.left, box.right, ROOM.x);
  const drawing = s("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  drawing.setAttribute("font-family", family);
  drawing.setAttribute("font-size", LETTERS);
  const place = (share) => box.top + share * (box.bottom - box.top);
  const ups = panels.map((panel, i) => {
    const up = upwards(panel, place);
    if (!bare) drawing.append(...axes(panel, across, up, x, box, i === panels.length - 1));
    drawing.append(clipped(panel, across, up), ...above(panel, across, up));
    return up;
  });
  if (!bare && x.title) drawing.append(label(x.title, (box.left + box.right) / 2, height - 6, "middle", 13));
  return { drawing, across, ups, box };
}

function upwards({ y, from = 0, to = 1 }, place) {
  const [top, bottom] = [place(from), place(to)];
  // Categories are read from above, as a list is.
  const up = y.categories ? scale(y, top, bottom, 11) : scale(y, bottom, top, ROOM.y);
  return { ...up, top, bottom, y };
}

function room(x, panels, width, height) {
  const widest = panels.flatMap(({ y, to = 1, from = 0 }) =>
    scale(y, (to - from) * height, 0, y.categories ? 11 : ROOM.y).ticks.map(
      (tick) => measure.measureText(tick.label).width,
    ),
  );
  const titled = panels.some(({ y }) => y.title) ? 22 : 6;
  const left = Math.min(titled + Math.max(0, ...widest) + 8, 0.45 * width);
  return { left, right: width - 14, top: 8, bottom: height - (x.title ? 44 : 24) };
}

function* axes({ y }, across, up, x, box, isLast) {
  const { grid, line } = colours();
  const rule = (value, ends) => s("line", { ...ends, stroke: value === 0 ? line : grid });
  const isGrid = (axis) => !axis.categories && !axis.plain;
  for (const { value, label: text } of across.ticks) {
    const at = across.at(value);
    if (isGrid(x)) yield rule(value, { x1: at, x2: at, y1: up.top, y2: up.bottom });
    if (isLast) yield label(text, at, up.bottom + 16, "middle");
  }
  for (const { value, label: text } of up.ticks) {
    const at = up.at(value);
    if (isGrid(y)) yield rule(value, { x1: box.left, x2: box.right, y1: at, y2: at });
    yield label(shortened(text, box.left - 12), box.left - 6, at + 4, "end", LETTERS, text);
  }
  if (y.title) {
    const [left, top] = [12, (up.top + up.bottom) / 2];
    const turned = label(y.title, left, top, "middle", 13);
    turned.setAttribute("transform", `rotate(-90 ${left} ${top})`);
    yield turned;
  }
}

function label(text, x, y, anchor, size = LETTERS, whole = text) {
  const element = s("text", { x, y, fill: colours().soft, "text-anchor": anchor, "font-size": size }, text);
  if (whole !== text) element.append(s("title", {}, whole));
  return element;
}

function shortened(text, most) {
  if (measure.measureText(text).width <= most) return text;
  let length = text.length;
  while (length > 1 && measure.measureText(`${text.slice(0, length)}…`).width > most) length--;
  return `${text.slice(0, length)}…`;
}

// A svg within the svg shows nothing outside its bounds.
function clipped({ marks }, across, up) {
  const [x, width, height] = [across.start, across.end - across.start, up.bottom - up.top];
  const viewBox = `${x} ${up.top} ${width} ${height}`;
  const drawn = marks.filter((mark) => !mark.above).map((mark) => MARKS[mark.type](mark, across, up));
  return s("svg", { x, y: up.top, width, height, viewBox }, ...drawn);
}

// What may reach over the edge, as a point on it does.
const above = ({ marks }, across, up) =>
  marks.filter((mark) => mark.above).map((mark) => MARKS[mark.type](mark, across, up));
