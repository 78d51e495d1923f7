// The catalogue to choose from: a search over names, and the groups.

import * as catalogue from "./catalogue.js";
import { button } from "./controls.js";
import { h, unique } from "./dom.js";
import { record } from "./state.js";
import { t } from "./text.js";

// A pressed button is a chosen function; pressing it again takes the function away.
export function picker({ specs, onChange }) {
  const id = unique("search");
  const most = record("f").maxItems;
  const search = h("input", {
    type: "search",
    id,
    placeholder: t("picker.placeholder"),
    autocomplete: "off",
    spellcheck: "false",
    on: { input: filter },
  });
  const none = h("p", { class: "hint", role: "status" });
  const groups = catalogue.all().map((group) => {
    const buttons = group.functions.map((record) =>
      button(record.title, () => flip(record), { class: "chip", "data-name": record.name }),
    );
    return h(
      "div",
      { class: "group", role: "group", "aria-label": group.title ?? group.group },
      h("p", { class: "family", "aria-hidden": "true" }, group.title ?? group.group),
      h("div", { class: "chips" }, buttons),
    );
  });

  const place = (record) => specs().findIndex((spec) => catalogue.read(spec).name === record.name);

  function flip(record) {
    const at = place(record);
    if (at < 0 && specs().length >= most) none.textContent = t("picker.full", { most });
    else if (at < 0) onChange([...specs(), record.name]);
    else if (specs().length > 1) onChange(specs().toSpliced(at, 1));
    else none.textContent = t("picker.last");
  }

  function filter() {
    const words = search.value.toLowerCase().replace(/[\s_-]/g, "");
    let found = 0;
    for (const group of groups) {
      for (const each of group.querySelectorAll("button")) {
        const text = (each.dataset.name + each.textContent).toLowerCase().replace(/[\s_-]/g, "");
        each.hidden = !text.includes(words);
        found += !each.hidden;
      }
      group.hidden = !group.querySelector("button:not([hidden])");
    }
    none.textContent = found ? "" : t("picker.none");
  }

  function update() {
    for (const group of groups)
      for (const each of group.querySelectorAll("button")) {
        const at = place({ name: each.dataset.name });
        each.setAttribute("aria-pressed", String(at >= 0));
      }
    if (specs().length < most) none.textContent = "";
  }

  search.addEventListener("keydown", (event) => {
    const first = groups.flatMap((group) => [...group.querySelectorAll("button:not([hidden])")])[0];
    if (event.key === "Enter" && search.value && first) first.click();
  });
  update();
  return Object.assign(
    h("div", { class: "picker" }, h("label", { for: id }, t("picker.title")), search, none, groups),
    { update },
  );
}
