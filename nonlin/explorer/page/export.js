// What the reader takes along: pictures, data, a link, the lines of Python, the view as one file.

import { path, ask, Refused } from "./api.js";
import { button } from "./controls.js";
import { announce, h, s } from "./dom.js";
import { question, settle } from "./state.js";
import { t } from "./text.js";
import { colours, line } from "./theme.js";

export function save(content, name, type) {
  const link = h("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  announce(t("share.saved", { name }));
}

// The drawing with its legend, which on the page stands beside it, on the page's ground.
export async function saveImage(drawing, legend = [], name, format) {
  const [width, height] = ["width", "height"].map((side) => Number(drawing.getAttribute(side)));
  const { page, ink } = colours();
  const head = legendRow(legend, width, ink);
  const whole = s(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", width, height: height + head.height },
    s("rect", { width, height: height + head.height, fill: page }),
    head.row,
    s("g", { transform: `translate(0 ${head.height})` }, drawing.cloneNode(true)),
  );
  for (const each of ["font-family", "font-size"]) whole.setAttribute(each, drawing.getAttribute(each));
  const source = new XMLSerializer().serializeToString(whole);
  if (format === "svg") return save(source, `${name}.svg`, "image/svg+xml");
  save(await pixels(source, width, height + head.height), `${name}.png`, "image/png");
}

function legendRow(legend, width, ink) {
  const row = s("g", { fill: ink });
  let [x, y] = [12, 20];
  for (const { place, kind, label } of legend) {
    const room = 48 + 7.5 * label.length;
    if (x + room > width && x > 12) [x, y] = [12, y + 20];
    const { colour, dash } = kind ? { colour: kinds()[kind] } : line(place);
    const stroke = { stroke: colour, "stroke-width": kind ? 9 : 3, "stroke-dasharray": dash };
    row.append(s("line", { x1: x, x2: x + 28, y1: y - 4, y2: y - 4, ...stroke }));
    row.append(s("text", { x: x + 36, y }, label));
    x += room;
  }
  return { row, height: legend.length ? y + 12 : 0 };
}

const kinds = () => {
  const { soft, bad, band, cold, warm, ink, line: thin } = colours();
  return { saturated: thin, dead: soft, naive: bad, band, cold, warm, critical: ink, here: ink };
};

async function pixels(source, width, height) {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([source], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  context.drawImage(image, 0, 0);
  URL.revokeObjectURL(image.src);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

export function saveCsv(columns, name) {
  const quote = (cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const rows = Math.max(...columns.map((each) => each.values.length));
  const lines = [columns.map((each) => quote(each.label)).join(",")];
  for (let i = 0; i < rows; i++)
    lines.push(columns.map((each) => quote(String(each.values[i] ?? ""))).join(","));
  save("\uFEFF" + lines.join("\r\n") + "\r\n", `${name}.csv`, "text/csv");
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    announce(t("share.copied"));
    return true;
  } catch {
    return false; // the text stands in the dialog: it can be selected
  }
}

// A dialog with a text to copy, which also shows what was copied.
export function offer(title, explanation, text) {
  const state = h("span", { class: "copied", "aria-hidden": "true" });
  const area = h("textarea", {
    readonly: true,
    rows: String(Math.min(18, text.split("\n").length + 1)),
    "aria-label": title,
    value: text,
    spellcheck: "false",
  });
  const again = button(
    t("share.copy"),
    async () => {
      area.select();
      if (await copy(text)) state.textContent = t("share.copied");
    },
    { class: "primary" },
  );
  const dialog = h(
    "dialog",
    { "aria-label": title, on: { close: () => dialog.remove() } },
    h("h2", {}, title),
    h("p", { class: "hint" }, explanation),
    area,
    h(
      "p",
      { class: "actions" },
      again,
      button(t("share.close"), () => dialog.close()),
      state,
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  again.focus();
}

export const offerLink = () => offer(t("share.link"), t("share.link_hint"), settle());

export async function offerPython() {
  try {
    offer(t("share.python"), t("share.python_hint"), (await ask("python", question())).python);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    offer(t("share.python"), error.message, "");
  }
}

export const pageAddress = () => path("export", question());
