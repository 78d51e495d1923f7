// What is known of the functions, side by side; each value says whether it was proved or measured.

import { ask, latest, Refused } from "./api.js";
import * as catalogue from "./catalogue.js";
import { plain, problem, toggle } from "./controls.js";
import { h, swatch } from "./dom.js";
import { scrolling } from "./table.js";
import { t } from "./text.js";

const PAUSE = 350;
// Of one function alone these come first.
const FIRST = [
  "range",
  "continuity",
  "monotone",
  "derivative_range",
  "lipschitz",
  "zeros",
  "saturated",
  "dead",
  "gain",
];
// Long, or true of this machine alone: at the end.
const LAST = ["rounding", "cost"];

export function factsTable(signal) {
  const body = h("div", { class: "facts-body" });
  const costs = h("div", { class: "costs", "aria-live": "polite" });
  const rest = toggle({ label: "", value: false, onChange: () => render() });
  const how = toggle({
    label: t("facts.how"),
    value: false,
    onChange: (on) => element.classList.toggle("with-how", on),
  });
  const tools = h("div", { class: "row" }, rest, how);
  const element = h(
    "section",
    { class: "facts", "data-part": "facts", id: "facts" },
    h("h2", {}, t("facts.title")),
    h("p", { class: "explanation" }, t("facts.explanation")),
    tools,
    body,
    costs,
  );
  let answer = null;
  let timer = 0;

  // First what tells the functions apart, then the rest, folded; of one function what matters most.
  function render() {
    if (!answer) return;
    const rows = answer.facts[0].facts.map(({ key }) => ({
      key,
      cells: answer.facts.map((each) => each.facts.find((fact) => fact.key === key)),
    }));
    const one = answer.facts.length === 1;
    const isFirst = ({ key, cells }) =>
      one ? FIRST.includes(key) : key !== "rounding" && new Set(cells.map((fact) => fact?.value)).size > 1;
    const rank = (row) => (LAST.includes(row.key) ? 2 : isFirst(row) ? 0 : 1);
    const all = rest.querySelector("input").checked;
    rest.querySelector("span").textContent = t("facts.all", {
      count: rows.filter((row) => !isFirst(row)).length,
    });
    const shown = rows.filter((row) => all || isFirst(row)).sort((a, b) => rank(a) - rank(b));
    const head = answer.facts.map((each, i) =>
      h("th", { scope: "col" }, swatch(i), catalogue.title(each.spec)),
    );
    const table = h(
      "table",
      { class: "facts-table" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("facts.fact")), head)),
      h(
        "tbody",
        {},
        shown.map(({ cells }) => row(cells)),
      ),
    );
    body.replaceChildren(scrolling(t("facts.title"), table));
  }

  const load = latest(async (specs) => {
    body.classList.add("waiting");
    try {
      const [facts, compared] = await Promise.all([
        ask("facts", { f: specs }, { signal }),
        specs.length > 1 ? ask("compare", { f: specs }, { signal }) : { summary: [] },
      ]);
      answer = { facts, compared };
      costs.replaceChildren(...plain(compared.summary));
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

  // Who asks for the cost reads it first.
  function showCosts() {
    costs.className = "verdict";
    tools.before(costs);
  }
  signal.addEventListener("abort", () => clearTimeout(timer));
  return Object.assign(element, { update, showCosts });
}

// Where all of a row is known in one way, it is said once.
function row(cells) {
  const ways = new Set(cells.map((fact) => fact?.evidence));
  const said = ways.size === 1 && cells.length > 1;
  const name = h("th", { scope: "row" }, cells.find(Boolean).label, " ", said && badge(cells[0]));
  return h(
    "tr",
    {},
    name,
    cells.map((fact) => cell(fact, !said)),
  );
}

const badge = (fact) => h("span", { class: `badge ${fact.evidence}` }, fact.evidence_label);

function cell(fact, tells) {
  if (!fact) return h("td", {}, "–");
  const value = fact.value.split("^").map((piece, i) => (i ? raised(piece) : piece));
  return h(
    "td",
    {},
    h("span", { class: "value" }, value),
    " ",
    tells && fact.evidence && badge(fact),
    fact.how && h("span", { class: "how" }, fact.how),
  );
}

// What stands behind "^", up to the next sign.
function raised(piece) {
  const [, power, after] = /^(∞|-?\w+)?(.*)$/s.exec(piece);
  return [power ? h("sup", {}, power) : "^", after];
}
