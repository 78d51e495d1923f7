// A formula typed by the reader. The server parses it; its refusal is shown while one types.

import { ask, latest, Refused } from "./api.js";
import { button } from "./controls.js";
import { h, unique } from "./dom.js";
import { t } from "./text.js";

const PAUSE = 200;

export function formulaEntry({ onAdd }) {
  const id = unique("formula");
  const state = h("p", { id: `${id}-state`, class: "state", role: "status" });
  const input = h("input", {
    type: "text",
    id,
    maxlength: "200",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    placeholder: "x*tanh(log(1+exp(x)))",
    "aria-describedby": `${id}-state ${id}-hint`,
  });
  const add = button(t("formula.add"), submit);
  const form = h(
    "form",
    {
      class: "formula-entry",
      on: {
        submit: (event) => {
          event.preventDefault();
          submit();
        },
      },
    },
    h("label", { for: id }, t("formula.title")),
    h("div", { class: "row" }, input, add),
    state,
    h("p", { class: "hint", id: `${id}-hint` }, t("formula.hint")),
  );

  function show(error) {
    input.setAttribute("aria-invalid", String(Boolean(error)));
    state.classList.toggle("wrong", Boolean(error));
    state.textContent = error || (input.value.trim() ? t("formula.good") : "");
  }

  async function check() {
    const text = input.value.trim();
    if (!text) return show("") ?? false;
    try {
      await ask("curve", { f: `formula:${text}`, points: 11 });
      if (text === input.value.trim()) show("");
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (text === input.value.trim()) show(error.message);
      return false;
    }
  }

  async function submit() {
    clearTimeout(timer);
    if (!input.value.trim() || !(await check())) return input.focus();
    onAdd(`formula:${input.value.trim()}`);
    input.value = "";
    show("");
  }

  let timer = 0;
  const soon = latest(check);
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(soon, PAUSE);
  });
  return form;
}
