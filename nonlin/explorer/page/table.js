// Data as a table: for who cannot see the chart, or wants the number.

import { h } from "./dom.js";
import { number, t } from "./text.js";

const ROWS = 60;

// Long columns are thinned to about sixty rows that keep both ends; the CSV file has every row.
export function dataTable(title, columns) {
  const length = Math.max(...columns.map((each) => each.values.length), 0);
  const every = Math.max(1, Math.ceil((length - 1) / ROWS));
  const rows = Array.from({ length }, (_, i) => i).filter((i) => i % every === 0 || i === length - 1);
  const note = every > 1 ? t("chart.thinned", { shown: rows.length, all: length }) : "";
  return scrolling(
    title,
    h(
      "table",
      {},
      h("caption", {}, title, note && ` — ${note}`),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map((each) => h("th", { scope: "col" }, each.label)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((i) =>
          h(
            "tr",
            {},
            columns.map((each, j) =>
              h(j ? "td" : "th", j ? {} : { scope: "row" }, number(each.values[i], 6)),
            ),
          ),
        ),
      ),
    ),
  );
}

// A wide table scrolls in its own frame, which the keyboard can reach.
export const scrolling = (label, table) =>
  h("div", { class: "scrolling", tabindex: "0", role: "region", "aria-label": label }, table);
