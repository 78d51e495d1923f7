// The named initialisations of one function side by side, and the one to take.

import { ask, latest, Refused } from "./api.js";
import * as catalogue from "./catalogue.js";
import { problem } from "./controls.js";
import { h } from "./dom.js";
import { isFile } from "./file.js";
import { initialisations as named, question, spec } from "./network.js";
import { address } from "./state.js";
import { scrolling } from "./table.js";
import { number, percent, t } from "./text.js";

export function initialisations(signal) {
  const body = h("div");
  const element = h(
    "section",
    { class: "initialisations", "data-part": "initialisations" },
    h("h2", {}, t("init.title")),
    h("p", { class: "explanation" }, t("init.explanation")),
    body,
  );

  const update = latest(async () => {
    const { depth, width, f } = question();
    const found = await Promise.all(
      named().map((init) =>
        ask("propagation", { f, init, depth, width }, { signal }).catch((error) => error),
      ),
    );
    if (signal.aborted) return;
    body.replaceChildren(
      scrolling(
        t("init.title"),
        h(
          "table",
          {},
          h("caption", {}, t("init.caption", { name: catalogue.title(spec()), depth })),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ["name", "left", "phase", "weight_variance", "bias_variance"].map((key) =>
                h("th", { scope: "col", class: key === "phase" ? "sentence" : "" }, t(`init.${key}`)),
              ),
            ),
          ),
          h(
            "tbody",
            {},
            found.map((each, i) => row(named()[i], each)),
          ),
        ),
      ),
    );
  });
  return Object.assign(element, { update });
}

function row(init, found) {
  const name = h(
    "th",
    { scope: "row" },
    isFile
      ? t(`init.${init}`)
      : h(
          "a",
          { href: address({ init, weight_variance: null, bias_variance: null, preset: null }) },
          t(`init.${init}`),
        ),
  );
  if (found instanceof Refused)
    return h("tr", {}, name, h("td", { colspan: "4", class: "sentence" }, found.message));
  if (found instanceof Error)
    return h("tr", {}, name, h("td", { colspan: "4" }, problem(String(found.message))));
  const left = found.layers.gradient[0];
  return h(
    "tr",
    { class: init === "critical" ? "advised" : "" },
    name,
    h("td", {}, percent(left)),
    h(
      "td",
      { class: "sentence" },
      h("span", { class: `badge phase-${found.phase}` }, t(`phase.${found.phase}`)),
    ),
    h("td", {}, number(found.weight_variance)),
    h("td", {}, number(found.bias_variance)),
  );
}
