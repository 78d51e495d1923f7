// The view of the study: each claim with its verdict, its numbers and its picture.

import { ask, Refused } from "./api.js";
import { choice, plain, problem } from "./controls.js";
import { h, part, unique } from "./dom.js";
import { change, get, onChange } from "./state.js";
import { scrolling } from "./table.js";
import { number, t } from "./text.js";

const VERDICTS = ["holds", "fails", "depends", "undecided", "unjudged"];

export function view(root, signal) {
  const body = h("div", { class: "study" }, h("p", { class: "hint" }, t("study.loading")));
  root.append(
    h("div", { class: "intro" }, h("h1", {}, t("study.title")), h("p", {}, t("study.intro"))),
    body,
  );
  ask("study", {}, { signal })
    .then((found) => show(body, found, signal))
    .catch((error) => {
      if (error instanceof Refused) body.replaceChildren(problem(error.message));
      else if (error.name !== "AbortError") throw error;
    });
}

function show(body, found, signal) {
  const claims = found.phenomena.flatMap((each) => each.claims);
  const tally = (verdict) => claims.filter((each) => each.verdict === verdict).length;
  const filter = choice({
    label: t("study.show"),
    value: get("verdict", "all"),
    onChange: (value) => change({ verdict: value === "all" ? null : value }),
    options: ["all", ...VERDICTS].map((value) => ({
      value,
      label:
        value === "all" ? t("study.all", { count: claims.length }) : `${t(`study.${value}`)} ${tally(value)}`,
    })),
  });
  const search = h("input", {
    type: "search",
    id: unique("search"),
    value: get("q"),
    placeholder: t("study.search_hint"),
    on: { input: () => change({ q: search.value || null }) },
  });
  const count = h("p", { class: "hint", role: "status" });
  const chapters = found.phenomena.map(chapter);
  body.replaceChildren(
    h("div", { class: "verdict" }, plain(found.summary)),
    part(
      "controls",
      h(
        "div",
        { class: "row filters" },
        filter,
        h("div", { class: "field" }, h("label", { for: search.id }, t("study.search")), search),
        count,
      ),
    ),
    ...chapters,
  );

  function update() {
    filter.set(get("verdict", "all"));
    const words = get("q").toLowerCase();
    let shown = 0;
    for (const each of chapters) {
      for (const claim of each.claims) {
        claim.hidden =
          (get("verdict") && claim.dataset.verdict !== get("verdict")) ||
          !claim.textContent.toLowerCase().includes(words);
        shown += !claim.hidden;
      }
      each.hidden = each.claims.every((claim) => claim.hidden);
    }
    count.textContent = t("study.shown", { count: shown });
  }
  onChange(update, signal);
  update();
}

function chapter(phenomenon) {
  const claims = phenomenon.claims.map(card);
  const element = h(
    "section",
    { class: "chapter", id: `study-${phenomenon.name}` },
    h("h2", {}, phenomenon.title),
    phenomenon.introduction && h("p", { class: "explanation" }, phenomenon.introduction),
    h(
      "div",
      { class: "chapter-body" },
      h("div", { class: "claims" }, claims),
      phenomenon.figure &&
        h(
          "figure",
          { class: "paper" },
          h(
            "div",
            {
              class: "sheet scrolling",
              tabindex: "0",
              role: "region",
              "aria-label": t("study.picture", { title: phenomenon.title }),
            },
            h("img", {
              src: phenomenon.figure,
              alt: phenomenon.caption ?? phenomenon.title,
              loading: "lazy",
              decoding: "async",
            }),
          ),
          phenomenon.caption && h("figcaption", {}, phenomenon.caption),
        ),
    ),
  );
  return Object.assign(element, { claims });
}

function card(claim) {
  const numbers = claim.numbers ?? [];
  return h(
    "article",
    {
      class: `claim ${claim.verdict ?? "open"}`,
      "data-verdict": claim.verdict ?? "",
      "aria-label": claim.id,
    },
    h("p", { class: "head" }, h("span", { class: "id" }, claim.id), " ", h("strong", {}, claim.claim)),
    claim.verdict &&
      h(
        "p",
        { class: "badges" },
        h("span", { class: `badge ${claim.verdict}` }, claim.verdict_label ?? t(`study.${claim.verdict}`)),
        " ",
        claim.evidence &&
          h(
            "span",
            { class: `badge ${claim.evidence}` },
            claim.evidence_label ?? t(`facts.${claim.evidence}`),
          ),
      ),
    h("p", { class: "finding" }, claim.finding),
    numbers.length > 0 &&
      h(
        "details",
        { class: "fold" },
        h("summary", {}, t("study.numbers")),
        scrolling(claim.id, table(numbers)),
      ),
  );
}

const table = (numbers) =>
  h(
    "table",
    {},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ["quantity", "value", "interval", "n"].map((key) => h("th", { scope: "col" }, t(`study.${key}`))),
      ),
    ),
    h(
      "tbody",
      {},
      numbers.map((each) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, each.label),
          h("td", {}, written(each.value, each)),
          h(
            "td",
            {},
            each.low === null || each.low === undefined
              ? ""
              : `[${written(each.low, each)}, ${written(each.high, each)}]`,
          ),
          h("td", {}, each.n ?? ""),
        ),
      ),
    ),
  );

const written = (value, { unit }) =>
  unit === "share" ? `${number(100 * value, 3)} %` : `${number(value)}${unit ? ` ${unit}` : ""}`;
