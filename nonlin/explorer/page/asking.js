// A view that asks one question: its controls on the left, its charts on the right.

import { ask, latest, Refused } from "./api.js";
import { fold, plain, problem } from "./controls.js";
import { h } from "./dom.js";
import { isFile } from "./file.js";
import { asks, onChange } from "./state.js";
import { t } from "./text.js";

// `name` of the view, `path` of the question, `fields()` what is asked; `controls` have `update`, and of
// these `kept` stay in a file; `show(found)` draws. `ignores` are names of the address that ask nothing.
export function asking({ root, signal }, { name, path, fields, controls, kept, charts, show, ignores = [] }) {
  asks(() => ({ view: name, ...fields() }));
  const verdict = h("div", { class: "verdict", "aria-live": "polite" });
  const settings = h("div", {}, isFile ? kept : controls);
  root.append(
    h("div", { class: "intro" }, h("h1", {}, t(`${name}.title`)), h("p", {}, t(`${name}.intro`))),
    verdict,
    h(
      "div",
      { class: "columns" },
      h(
        "section",
        { class: "controls", "data-part": "controls", "aria-label": t("app.controls") },
        fold(t("app.controls"), settings),
      ),
      h("div", { class: "pictures" }, h("div", { class: "first" }, charts[0]), charts.slice(1)),
    ),
  );

  const draw = latest(async () => {
    try {
      const found = await ask(path, fields(), { signal });
      verdict.replaceChildren(...plain(found.summary));
      show(found);
    } catch (error) {
      if (error instanceof Refused) verdict.replaceChildren(problem(error.message));
      else if (error.name !== "AbortError") throw error;
    }
  });
  onChange((names) => {
    for (const each of controls) each.update();
    if ([...names].some((each) => !ignores.includes(each))) draw();
  }, signal);
  draw();
}
