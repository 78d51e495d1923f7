// Findings: what is wrong where, why, and what to do, the worst first.

import { h } from "./dom.js";
import { t } from "./text.js";

export function findings() {
  const list = h("ul", { class: "findings" });
  const element = h(
    "section",
    { class: "findings-section", "data-part": "findings" },
    h("h2", {}, t("examine.findings")),
    list,
  );
  let known = new Set();

  // Shows them and gives the titles of those that were not there before. Without any, `unseen` says
  // why nothing can be said, if that is so.
  function show(found, unseen) {
    const fresh = found.filter((each) => !known.has(key(each)));
    known = new Set(found.map(key));
    const isNew = new Set(fresh.map(key));
    list.replaceChildren(
      ...(found.length
        ? found.map((each) => item(each, isNew.has(key(each))))
        : [h("li", { class: "none" }, unseen || t("examine.none"))]),
    );
    return fresh.map((each) => each.title);
  }
  return Object.assign(element, { show });
}

const key = ({ kind, place }) => `${kind} ${place}`;

// A newer version may know others.
const KNOWN = ["error", "warning", "note"];
const severity = (name) => (KNOWN.includes(name) ? t(`examine.${name}`) : name);

function item(finding, isNew) {
  return h(
    "li",
    { class: `finding-item ${finding.severity}${isNew ? " new" : ""}` },
    h(
      "p",
      { class: "head" },
      h("span", { class: `badge ${finding.severity}` }, severity(finding.severity)),
      " ",
      h("strong", {}, finding.title),
      " ",
      h("code", { title: finding.sites.join(", ") }, finding.place),
    ),
    h("p", {}, finding.sentence),
    finding.cause && h("p", { class: "hint" }, finding.cause),
  );
}
