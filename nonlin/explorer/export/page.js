// Draws PAGE: its charts, and the sliders that move them between positions computed beforehand.
"use strict";

const positions = PAGE.sliders.map((slider) => slider.position);
const style = getComputedStyle(document.documentElement);
const colour = (name) => style.getPropertyValue(`--${name}`).trim();

function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

// Where a combination of positions stands; the last slider's counts fastest.
const place = (depends) => depends.reduce((at, slider) => at * PAGE.sliders[slider].values.length + positions[slider], 0);

function trace({ fixed, moving, depends, colour: name }) {
  const at = place(depends);
  const moved = Object.fromEntries(Object.entries(moving).map(([key, all]) => [key, all[at]]));
  return { ...fixed, ...moved, ...painted(fixed, name) };
}

function painted(fixed, name) {
  if (fixed.type === "heatmap") return { colorscale: [[0, colour("cold")], [0.5, colour("page")], [1, colour("warm")]] };
  if (!name) return {};
  const paint = { color: colour(name) };
  if (fixed.fill) return { fillcolor: paint.color };
  return { line: { ...paint, width: 2.5, ...fixed.line }, marker: { ...paint, ...fixed.marker } };
}

function layout(given) {
  const ink = { color: colour("ink") };
  const axis = { gridcolor: colour("line"), linecolor: colour("line"), zerolinecolor: colour("line"), tickfont: ink, automargin: true };
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: ink, hovermode: "x unified", hoverlabel: { bgcolor: colour("page") },
    margin: { l: 60, r: 20, t: 10, b: 50 }, legend: { orientation: "h", y: 1.12 }, showlegend: true, height: 340, ...given,
    xaxis: { ...axis, ...given.xaxis }, yaxis: { ...axis, ...given.yaxis },
  };
}

function drawing(chart) {
  const plot = make("div", { className: "plot", role: "img" });
  const summary = make("p", { className: "summary", ariaLive: "polite" });
  const table = make("div", { className: "scrolling", tabIndex: 0 });
  const data = make("details", { hidden: !chart.traces.some(listed) }, make("summary", { textContent: PAGE.words.table }), table);
  const figure = make("figure", {}, make("figcaption", {}, make("h2", { textContent: chart.title }), make("p", { textContent: chart.explanation })), plot, summary, data);

  function draw() {
    const traces = chart.traces.map(trace);
    summary.textContent = chart.summary[chart.depends.length ? place(chart.depends) : 0];
    plot.ariaLabel = `${chart.title}. ${summary.textContent}`;
    Plotly.react(plot, traces, layout(chart.layout), { displayModeBar: false, responsive: true });
    if (data.open) table.replaceChildren(rows(traces));
  }
  data.addEventListener("toggle", draw);
  return { figure, draw, depends: new Set([...chart.depends, ...chart.traces.flatMap((each) => each.depends)]) };
}

const listed = ({ fixed }) => Boolean(fixed.name);

function rows(traces) {
  const shown = traces.filter((each) => each.name);
  const cell = (value) => make("td", { textContent: String(value ?? "–") });
  const head = make("tr", {}, make("th", { textContent: "x", scope: "col" }), ...shown.map((each) => make("th", { textContent: each.name, scope: "col" })));
  const body = shown[0].x.map((x, i) => make("tr", {}, cell(x), ...shown.map((each) => cell(each.y[i]))));
  return make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
}

function control({ label, values, position }, number, charts) {
  const shown = make("output", { textContent: String(values[position]) });
  const range = make("input", { type: "range", id: `slider-${number}`, min: 0, max: values.length - 1, step: 1, value: position, ariaValueText: String(values[position]) });
  range.addEventListener("input", () => {
    positions[number] = Number(range.value);
    shown.textContent = range.ariaValueText = String(values[positions[number]]);
    for (const each of charts) if (each.depends.has(number)) each.draw();
  });
  return make("div", { className: "slider" }, make("label", { htmlFor: range.id, textContent: label }), range, shown);
}

const charts = PAGE.charts.map(drawing);
document.getElementById("charts").append(...charts.map((each) => each.figure));
document.getElementById("sliders").append(...PAGE.sliders.map((slider, i) => control(slider, i, charts)));
const redraw = () => charts.forEach((each) => each.draw());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
redraw();
