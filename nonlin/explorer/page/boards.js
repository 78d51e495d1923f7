// One board a network: the points, and what the network makes of every place between them.

import * as catalogue from "./catalogue.js";
import { chart } from "./chart.js";
import { h, swatch } from "./dom.js";
import { number, t } from "./text.js";
import { colours } from "./theme.js";

export function boards(signal) {
  const element = h("div", { class: "boards" });
  let start = null;
  let all = [];

  function begin(data, specs) {
    start = data;
    all = specs.map((spec, place) => board(spec, place));
    element.replaceChildren(
      h("p", { class: "explanation" }, t("race.board")),
      ...all.map((each) => each.element),
    );
  }

  function board(spec, place) {
    const name = catalogue.title(spec);
    return {
      name,
      element: chart({
        name: `nonlin-race-${place + 1}`,
        title: name,
        height: matchMedia("(max-width: 40rem)").matches ? 176 : 260,
        signal,
        legend: swatch(place),
      }),
    };
  }

  // What is to be drawn, chart by chart.
  function frame({ runs }) {
    return runs.map((run, i) => () => {
      const grid = unpack(run.boundary, start.grid.x.length);
      return all[i].element.draw({
        traces: () => traces(grid),
        layout,
        summary: standing(run),
        columns: [
          { label: "x", values: start.dataset.x },
          { label: "y", values: start.dataset.y },
          { label: t("race.class"), values: start.dataset.label },
        ],
      });
    });
  }

  function traces(z) {
    const { cold, warm, page, ink } = colours();
    const { dataset, grid } = start;
    const shown = [
      {
        type: "contour",
        x: grid.x,
        y: grid.y,
        z,
        zmin: 0,
        zmax: 255,
        colorscale: [
          [0, cold],
          [0.5, page],
          [1, warm],
        ],
        showscale: false,
        hoverinfo: "skip",
        contours: { start: 127.5, end: 127.5, size: 1, coloring: "heatmap" },
        line: { color: ink, width: 1.5 },
      },
    ];
    for (const label of [0, 1]) {
      const of = (values) => values.filter((_, i) => dataset.label[i] === label);
      shown.push({
        x: of(dataset.x),
        y: of(dataset.y),
        mode: "markers",
        hoverinfo: "skip",
        marker: {
          size: 5,
          symbol: label ? "circle" : "diamond",
          color: colours()[label ? "warm-ink" : "cold-ink"],
          line: { color: page, width: 0.75 },
        },
      });
    }
    return shown;
  }

  const layout = () => ({
    margin: { l: 4, r: 4, t: 4, b: 4 },
    xaxis: { visible: false, fixedrange: true, range: [start.grid.x[0], start.grid.x.at(-1)] },
    yaxis: { visible: false, fixedrange: true, range: [start.grid.y[0], start.grid.y.at(-1)] },
  });

  return Object.assign(element, { start: begin, frame });
}

export const standing = ({ loss, accuracy }) =>
  t("race.numbers", {
    loss: loss === null ? t("race.diverged") : number(loss, 3),
    accuracy: accuracy === null ? "–" : number(100 * accuracy, 3),
  });

// Bytes row by row, as text in base 64 or as a list.
function unpack(packed, width) {
  const flat =
    typeof packed === "string" ? Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0)) : packed;
  return Array.from({ length: flat.length / width }, (_, row) =>
    Array.from(flat.slice(row * width, (row + 1) * width)),
  );
}
