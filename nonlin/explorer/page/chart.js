// One chart: Plotly's drawing, the same in words, and as a table behind a toggle.

import { button } from "./controls.js";
import { h, part, swatch, unique } from "./dom.js";
import { saveCsv, saveImage } from "./export.js";
import { plotly } from "./plotly.js";
import { sketch } from "./sketch.js";
import { dataTable } from "./table.js";
import { t } from "./text.js";
import { colours, onTheme } from "./theme.js";

const CONFIG = {
  displayModeBar: false,
  responsive: true,
  doubleClick: "reset",
  showTips: false,
  staticPlot: false,
};

// `draw({traces, layout, summary, columns})` shows data; `columns` are {label, values} of the table.
// `name` begins the names of saved files.
export function chart({ name, title, explanation, height, signal, legend, extra, events = {} }) {
  const plot = h("div", {
    class: "plot",
    role: "img",
    "aria-label": title,
    style: { height: `${height}px` },
  });
  const words = h("p", { class: "summary", id: unique("summary") });
  const table = h("div", { class: "data", hidden: true });
  const tools = h("div", { class: "tools" });
  const element = h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, h("h2", {}, title), explanation && h("p", { class: "explanation" }, explanation)),
    legend,
    plot,
    extra,
    part("summary", words),
    part("tools", tools),
    table,
  );
  let shown = null;
  const toggle = button(
    t("chart.table"),
    () => {
      table.hidden = !table.hidden;
      toggle.setAttribute("aria-expanded", String(!table.hidden));
      fill();
    },
    { "aria-expanded": "false", "aria-controls": (table.id = unique("data")) },
  );
  tools.append(
    toggle,
    ...["png", "svg"].map((format) =>
      button(format.toUpperCase(), () => saveImage(plot, name, format), {
        "aria-label": t("chart.save", { title, format: format.toUpperCase() }),
      }),
    ),
    button("CSV", () => shown && saveCsv(shown.columns, name), {
      "aria-label": t("chart.save", { title, format: "CSV" }),
    }),
  );
  const fill = () => table.hidden || table.replaceChildren(shown ? dataTable(title, shown.columns) : "");

  async function draw(data) {
    shown = data;
    const sentences = [data.summary].flat().filter(Boolean);
    const spoken = sentences.join(" ");
    plot.setAttribute("aria-label", `${title}. ${spoken}`);
    if (words.textContent !== spoken) words.textContent = spoken;
    fill();
    if (!window.Plotly) sketched(data);
    const Plotly = await plotly;
    if (signal?.aborted || shown !== data) return;
    const isNew = !plot.on;
    if (isNew) plot.replaceChildren();
    await Plotly.react(plot, quoted(called(data.traces)), framed(called(data.layout)), CONFIG);
    if (isNew) note("chart drawn");
    if (isNew) for (const [event, listener] of Object.entries(events)) plot.on(event, listener);
    element.dataset.drawn = String(Number(element.dataset.drawn ?? 0) + 1);
  }
  function sketched(data) {
    const picture = sketch(plot, called(data.traces), framed(called(data.layout)));
    if (!picture) return;
    plot.replaceChildren(picture);
    note("chart sketched");
  }
  onTheme(() => shown && draw(shown), signal);
  signal?.addEventListener("abort", () => window.Plotly?.purge(plot));
  return Object.assign(element, { draw, plot, data: () => shown });
}

// Notes for whoever measures the page when something is seen first.
const note = (name) => requestAnimationFrame(() => performance.mark(name));

const called = (value) => (typeof value === "function" ? value() : value);

// Plotly takes tags in a word for markup, and a log's or a formula's words may hold some.
const WORDS = ["x", "y", "text", "name", "customdata"];

function quoted(traces) {
  const quote = (value) => {
    if (Array.isArray(value)) return value.some((each) => typeof each !== "number") ? value.map(quote) : value;
    if (typeof value !== "string") return value;
    return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  };
  return traces.map((trace) => ({
    ...trace,
    ...Object.fromEntries(WORDS.filter((key) => key in trace).map((key) => [key, quote(trace[key])])),
  }));
}

// The page's colours and letters around a drawing.
function framed(layout) {
  const { ink, soft, line, grid, card } = colours();
  const axis = {
    gridcolor: grid,
    linecolor: line,
    zerolinecolor: line,
    tickfont: { color: soft, size: 12 },
    exponentformat: "power",
    automargin: true,
  };
  const axes = Object.fromEntries(
    Object.entries(layout)
      .filter(([key]) => /^[xy]axis/.test(key))
      .map(([key, value]) => [
        key,
        { ...axis, ...value, title: { standoff: 8, font: { size: 13, color: soft }, ...value.title } },
      ]),
  );
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    showlegend: false,
    dragmode: false,
    margin: { l: 52, r: 12, t: 8, b: 40 },
    font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: ink },
    hoverlabel: { bgcolor: card, bordercolor: line, font: { color: ink, size: 13 } },
    ...layout,
    ...axes,
  };
}

// What a logarithmic axis has a place for.
export const positive = (values) => values.map((each) => (each > 0 ? each : null));

export const legendOf = (entries) =>
  h(
    "ul",
    { class: "legend" },
    entries.map(({ place, kind, label }) =>
      h(
        "li",
        {},
        kind ? h("span", { class: `swatch ${kind}`, "aria-hidden": "true" }) : swatch(place),
        label,
      ),
    ),
  );
