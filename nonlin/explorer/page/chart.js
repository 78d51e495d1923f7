// One chart: a drawing, the same in words, and as a table behind a toggle.

import { button } from "./controls.js";
import { h, part, swatch, unique } from "./dom.js";
import { saveCsv, saveImage } from "./export.js";
import { draw as drawn } from "./plot.js";
import { pointing } from "./pointer.js";
import { dataTable } from "./table.js";
import { t } from "./text.js";
import { onTheme } from "./theme.js";

// `draw({picture, legend, summary, columns, height})` shows data: `picture` makes what plot.js draws,
// in the colours of the moment, `legend` lists {place or kind, label}, `columns` are {label, values} of
// the table. `name` begins the names of saved files.
export function chart({ name, title, explanation, height, signal, controls, extra, plain, events }) {
  const style = { height: `${height ?? 300}px` };
  const plot = h("div", { class: "plot", role: "img", "aria-label": title, style });
  const words = h("p", { class: "summary", id: unique("summary") });
  const legend = h("ul", { class: "legend" });
  const table = h("div", { class: "data", hidden: true, id: unique("data") });
  const tools = part("tools", h("div", { class: "tools" }));
  const element = h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, h("h2", {}, title), explanation && h("p", { class: "explanation" }, explanation)),
    controls,
    legend,
    plot,
    extra,
    part("summary", words),
    plain ? null : tools,
    table,
  );
  let shown = null;
  let current = null;
  const pointer = pointing(plot, () => current, events);
  const resize = new ResizeObserver(() => shown && paint());
  resize.observe(plot);
  signal?.addEventListener("abort", () => resize.disconnect());
  onTheme(() => shown && paint(), signal);

  const toggle = button(
    t("chart.table"),
    () => {
      table.hidden = !table.hidden;
      toggle.setAttribute("aria-expanded", String(!table.hidden));
      fill();
    },
    { "aria-expanded": "false", "aria-controls": table.id },
  );
  const saver = (format, save) =>
    button(format, () => shown && save(), { "aria-label": t("chart.save", { title, format }) });
  const image = (format) => () => saveImage(current.drawing, shown.legend, name, format);
  tools.firstChild.append(
    toggle,
    saver("PNG", image("png")),
    saver("SVG", image("svg")),
    saver("CSV", () => saveCsv(shown.columns, name)),
  );
  const fill = () => table.hidden || table.replaceChildren(dataTable(title, shown.columns));

  function draw(data) {
    shown = data;
    const spoken = [data.summary].flat().filter(Boolean).join(" ");
    plot.setAttribute("aria-label", `${title}. ${spoken}`);
    if (words.textContent !== spoken) words.textContent = spoken;
    if (data.legend) legend.replaceChildren(...data.legend.map(entry));
    plot.style.height = `${data.height ?? height}px`;
    fill();
    paint();
  }

  // Without a place on the page there is nothing to draw in: it is drawn when it has one.
  function paint() {
    const { width, height: high } = plot.getBoundingClientRect();
    if (!width) return;
    const data = shown.picture();
    const next = drawn(data, width, high);
    current?.drawing.remove();
    plot.prepend(next.drawing);
    current = { ...next, data };
    pointer.show();
    if (!element.dataset.drawn) requestAnimationFrame(() => performance.mark("chart drawn"));
    element.dataset.drawn = String(Number(element.dataset.drawn ?? 0) + 1);
  }
  return Object.assign(element, { draw });
}

const entry = ({ place, kind, label }) => h("li", {}, kind ? patch(kind) : swatch(place), label);
const patch = (kind) => h("span", { class: `swatch ${kind}`, "aria-hidden": "true" });
