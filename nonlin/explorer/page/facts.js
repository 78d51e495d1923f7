// What is known of the functions, side by side; each value says whether it was proved or measured.

import { ask, latest, Refused } from "./api.js";
import * as catalogue from "./catalogue.js";
import { plain, problem, toggle } from "./controls.js";
import { h, swatch } from "./dom.js";
import { scrolling } from "./table.js";
import { t } from "./text.js";

const PAUSE = 350;

export function factsTable(signal) {
  const body = h("div", { class: "facts-body" });
  const verdict = h("div", { class: "verdict", "aria-live": "polite" });
  const differing = toggle({ label: t("facts.differing"), value: false, onChange: () => render() });
  const how = toggle({
    label: t("facts.how"),
    value: false,
    onChange: (on) => element.classList.toggle("with-how", on),
  });
  const element = h(
    "section",
    { class: "facts", "data-part": "facts", id: "facts" },
    h("h2", {}, t("facts.title")),
    h("p", { class: "explanation" }, t("facts.explanation")),
    verdict,
    h("div", { class: "row" }, differing, how),
    body,
  );
  let answer = null;
  let timer = 0;

  function render() {
    if (!answer) return;
    const only = differing.querySelector("input").checked;
    const keys = answer.facts[0].facts.map((each) => each.key);
    const rows = keys
      .map((key) => answer.facts.map((each) => each.facts.find((fact) => fact.key === key)))
      .filter((row) => !only || new Set(row.map((fact) => fact?.value)).size > 1);
    body.replaceChildren(
      scrolling(
        t("facts.title"),
        h(
          "table",
          { class: "facts-table" },
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              h("th", { scope: "col" }, t("facts.fact")),
              answer.facts.map((each, i) => h("th", { scope: "col" }, swatch(i), catalogue.title(each.spec))),
            ),
          ),
          h(
            "tbody",
            {},
            rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.find(Boolean).label), row.map(cell))),
          ),
        ),
      ),
    );
  }

  const load = latest(async (specs) => {
    body.classList.add("waiting");
    try {
      const [facts, compared] = await Promise.all([
        ask("facts", { f: specs }, { signal }),
        specs.length > 1 ? ask("compare", { f: specs }, { signal }) : { summary: [] },
      ]);
      answer = { facts, compared };
      verdict.replaceChildren(...plain(compared.summary));
      differing.hidden = specs.length < 2;
      render();
    } catch (error) {
      if (error instanceof Refused) body.replaceChildren(problem(error.message));
      else if (error.name !== "AbortError") throw error;
    } finally {
      body.classList.remove("waiting");
    }
  });

  // Proofs take a moment: they wait until the sliders stand still.
  function update(specs) {
    clearTimeout(timer);
    if (!answer) body.replaceChildren(h("p", { class: "hint" }, t("facts.loading")));
    timer = setTimeout(() => load(specs), answer ? PAUSE : 0);
  }

  function showDifferences() {
    differing.set(true);
    element.classList.add("asked");
  }
  signal.addEventListener("abort", () => clearTimeout(timer));
  return Object.assign(element, { update, showDifferences });
}

function cell(fact) {
  if (!fact) return h("td", {}, "–");
  return h(
    "td",
    {},
    h("span", { class: "value" }, fact.value),
    " ",
    fact.evidence && h("span", { class: `badge ${fact.evidence}` }, fact.evidence_label),
    fact.how && h("span", { class: "how" }, fact.how),
  );
}
