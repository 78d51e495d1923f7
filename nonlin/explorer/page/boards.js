// One board a network: the points, and what the network makes of every place between them.

import * as catalogue from "./catalogue.js";
import { chart } from "./chart.js";
import { h, s, swatch } from "./dom.js";
import { button } from "./controls.js";
import { saveCsv, saveImage } from "./export.js";
import { blend } from "./marks.js";
import { number, t } from "./text.js";
import { colours } from "./theme.js";

export function boards(signal) {
  const field = h("div", { class: "boards" });
  const tools = h("div", { class: "tools", "data-part": "tools" });
  const element = h("div", {}, h("p", { class: "explanation" }, t("race.board")), field, tools);
  let start = null;
  let all = [];

  // The boards stand while their networks are being drawn.
  function prepare(specs) {
    all = specs.map((spec, place) => ({
      name: catalogue.title(spec),
      chart: chart({
        title: catalogue.title(spec),
        height: matchMedia("(max-width: 40rem)").matches ? 150 : 230,
        signal,
        plain: true,
        controls: swatch(place),
      }),
    }));
    field.replaceChildren(...all.map((each) => each.chart));
  }

  const begin = (data) => (start = data);
  const title = t("race.boards");
  const saver = (format) =>
    button(format, () => save(format), { "aria-label": t("chart.save", { title, format }) });

  tools.append(...["PNG", "SVG", "CSV"].map(saver));

  // All boards side by side as one picture, and the points that they share.
  function save(format) {
    if (!start) return;
    if (format === "CSV") return saveCsv(points(), "nonlin-race");
    const drawings = all.map((each) => each.chart.querySelector(".plot > svg"));
    const [width, height] = ["width", "height"].map((side) => Number(drawings[0].getAttribute(side)));
    const row = s("svg", { width: (width + 16) * drawings.length, height });
    for (const name of ["font-family", "font-size"]) row.setAttribute(name, drawings[0].getAttribute(name));
    drawings.forEach((each, i) =>
      row.append(s("g", { transform: `translate(${i * (width + 16)} 0)` }, each.cloneNode(true))),
    );
    saveImage(
      row,
      all.map(({ name }, place) => ({ place, label: name })),
      "nonlin-race",
      format.toLowerCase(),
    );
  }

  const points = () => [
    { label: "x", values: start.dataset.x },
    { label: "y", values: start.dataset.y },
    { label: t("race.class"), values: start.dataset.label },
  ];

  // What is to be drawn, chart by chart.
  function frame({ runs }) {
    return runs.map((run, i) => () => {
      const z = unpack(run.boundary, start.grid.x.length);
      all[i].chart.draw({ picture: () => picture(z), summary: standing(run), columns: points() });
    });
  }

  function picture(z) {
    const { cold, warm, page, ink, ...others } = colours();
    const { dataset, grid } = start;
    const shade = (byte) => {
      const side = byte / 127.5 - 1;
      return blend(page, side < 0 ? cold : warm, TINT + (1 - TINT) * Math.abs(side));
    };
    const marks = [
      { type: "field", ...grid, smooth: true, colour: (i, j) => shade(z[j][i]), z, level: 127.5, ink },
      ...[0, 1].map((label) => {
        const of = (values) => values.filter((_, i) => dataset.label[i] === label);
        const colour = others[label ? "warm-ink" : "cold-ink"];
        const shape = label ? "circle" : "diamond";
        return {
          type: "points",
          x: of(dataset.x),
          y: of(dataset.y),
          colour,
          shape,
          stroke: page,
          width: 0.75,
        };
      }),
    ];
    const axis = (values) => ({ range: [values[0], values.at(-1)] });
    return { bare: true, x: axis(grid.x), panels: [{ y: axis(grid.y), marks }] };
  }

  return Object.assign(element, { prepare, start: begin, frame });
}

// The side that a network leans to is seen from the start, when it is hardly surer than guessing.
const TINT = 0.3;

export const standing = ({ loss, accuracy }) =>
  t("race.numbers", {
    loss: loss === null ? t("race.diverged") : number(loss, 3),
    accuracy: accuracy === null ? "–" : number(100 * accuracy, 3),
  });

// Bytes row by row, as text in base 64.
function unpack(packed, width) {
  const flat = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  return Array.from({ length: flat.length / width }, (_, row) =>
    flat.subarray(row * width, (row + 1) * width),
  );
}
