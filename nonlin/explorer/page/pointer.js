// The pointer over a chart: the numbers under it, a drag that zooms, a click that chooses.

import { h, s } from "./dom.js";
import { number } from "./text.js";
import { colours } from "./theme.js";

const DRAG = 8; // pixels from which a move is no click

// `current()` gives {drawing, across, ups, box, data}; `events` are at(x), zoom([from, to] or null),
// click({x, y}).
export function pointing(plot, current, { at, zoom, click } = {}) {
  const tip = h("div", { class: "tip", hidden: true });
  // What moves with the pointer is not under it: a click belongs to what stays.
  const cross = s("line", { "stroke-width": 1, "pointer-events": "none" });
  const chosen = s("rect", { opacity: 0.12, "pointer-events": "none" });
  let from = null;
  let last = null;
  plot.append(tip);

  const inside = ({ clientX, clientY }) => {
    const { left, top } = plot.getBoundingClientRect();
    const { box } = current();
    const x = Math.min(Math.max(clientX - left, box.left), box.right);
    const y = clientY - top;
    const known = clientX - left > box.left - DRAG && clientX - left < box.right + DRAG;
    return known && y > box.top && y < box.bottom ? { x, y } : null;
  };

  function show() {
    const rows = last && current() && numbers(current(), last);
    tip.hidden = !rows;
    if (!rows) return cross.remove();
    const { drawing, across, box } = current();
    tip.replaceChildren(...rows.lines);
    const { width } = plot.getBoundingClientRect();
    const wide = tip.offsetWidth;
    tip.style.left = `${last.x + 14 + wide > width ? Math.max(last.x - 14 - wide, 0) : last.x + 14}px`;
    tip.style.top = `${Math.max(box.top, Math.min(last.y, box.bottom - tip.offsetHeight))}px`;
    if (rows.x === undefined) return cross.remove();
    const x = across.at(rows.x);
    for (const [name, value] of Object.entries({ x1: x, x2: x, y1: box.top, y2: box.bottom }))
      cross.setAttribute(name, value);
    cross.setAttribute("stroke", colours().soft);
    drawing.append(cross);
  }

  function move(event) {
    if (!current()) return;
    last = inside(event);
    show();
    if (last) at?.(current().across.value(last.x));
    if (!from || !last) return;
    const { drawing, box } = current();
    const [x, width] = [Math.min(from.x, last.x), Math.abs(last.x - from.x)];
    for (const [name, value] of Object.entries({ x, width, y: box.top, height: box.bottom - box.top }))
      chosen.setAttribute(name, value);
    chosen.setAttribute("fill", colours().ink);
    drawing.append(chosen);
  }

  function release(event) {
    chosen.remove();
    const [start, end] = [from, current() && inside(event)];
    from = null;
    if (!start || !end) return;
    const { across, ups } = current();
    const ends = [start.x, end.x].sort((a, b) => a - b);
    if (ends[1] - ends[0] > DRAG) zoom && zoom(ends.map(across.value));
    else if (click) click({ x: across.value(end.x), y: ups[0].value(end.y) });
  }

  plot.addEventListener("pointermove", move);
  plot.addEventListener("pointerleave", () => ((last = null), show()));
  plot.addEventListener("pointerdown", (event) => {
    move(event);
    from = event.pointerType === "mouse" || click ? last : null;
    if (from && zoom) plot.setPointerCapture(event.pointerId);
  });
  plot.addEventListener("pointerup", release);
  plot.addEventListener("dblclick", () => zoom && zoom(null));
  plot.classList.toggle("zooms", Boolean(zoom));
  plot.classList.toggle("clicks", Boolean(click));
  return { show, tip };
}

// The numbers under the pointer: of each named line at the nearest x, or of the field's cell.
function numbers({ across, ups, data }, { x, y }) {
  const panel = ups.findIndex((up) => y >= up.top && y <= up.bottom);
  const cells = data.panels[Math.max(panel, 0)].marks.find((mark) => mark.text);
  if (cells && panel < 0) return null;
  if (cells) {
    const [i, j] = [nearest(cells.x, across.value(x)), nearest(cells.y, ups[panel].value(y))];
    return { lines: cells.text(i, j).map((each) => h("p", {}, each)) };
  }
  const columns = data.panels.map(({ marks }) => marks.filter((mark) => mark.name));
  const named = columns.flat();
  if (!named.length) return null;
  if (data.panels[0].y.categories) return listed(named[0], data, ups, y);
  const found = named[0].x[nearest(named[0].x, across.value(x))];
  const names = [...new Map(named.map((mark) => [mark.name, mark])).values()];
  const value = (marks, name) => {
    const mark = marks.find((each) => each.name === name);
    const place = mark ? nearest(mark.x, found) : -1;
    return mark ? h("td", {}, mark.x[place] === found ? number(mark.y[place]) : "–") : null;
  };
  const rows = names.map(({ name, colour }) => {
    const dot = s("svg", { width: 9, height: 9 }, s("circle", { cx: 4.5, cy: 4.5, r: 4.5, fill: colour }));
    return h("tr", {}, h("th", {}, dot, " ", name), ...columns.map((marks) => value(marks, name)));
  });
  const head = across.names?.[found] ?? `${data.x.title ?? "x"} ${number(found)}`;
  return { x: found, lines: [h("p", {}, head), h("table", {}, rows)] };
}

// Lines that run downwards, over a list.
function listed(mark, data, ups, y) {
  const i = ups[0].value(y);
  return { lines: [h("p", {}, `${data.panels[0].y.categories[i]}: ${number(mark.x[i])}`)] };
}

function nearest(values, x) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (Math.abs(values[i] - x) < Math.abs(values[best] - x)) best = i;
  return best;
}
