// What the reader takes along: pictures, data, a link, the lines of Python, the view as one file.

import { path, ask, Refused } from "./api.js";
import { button } from "./controls.js";
import { announce, h } from "./dom.js";
import { question, settle } from "./state.js";
import { t } from "./text.js";
import { colours } from "./theme.js";

export function save(content, name, type) {
  const link = h("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  announce(t("share.saved", { name }));
}

export async function saveImage(plot, name, format) {
  if (!window.Plotly || !plot.data) return;
  const { width, height } = plot.getBoundingClientRect();
  // The legend that stands beside the drawing on the page stands in it here.
  const layout = {
    ...plot.layout,
    paper_bgcolor: colours().page,
    showlegend: true,
    legend: { orientation: "h", y: 1.02, yanchor: "bottom" },
    margin: { ...plot.layout.margin, t: 50 },
  };
  const address = await window.Plotly.toImage(
    { data: plot.data, layout },
    { format, width, height: height + 42, scale: format === "png" ? 2 : 1 },
  );
  save(await await bytes(address), `${name}.${format}`, format === "png" ? "image/png" : "image/svg+xml");
}

// A data: address, decoded here: fetching one would need a hole in the page's policy.
function bytes(address) {
  const comma = address.indexOf(",");
  const [head, body] = [address.slice(0, comma), address.slice(comma + 1)];
  if (!head.endsWith(";base64")) return decodeURIComponent(body);
  return Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
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
