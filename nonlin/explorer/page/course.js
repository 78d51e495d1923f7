// What is trained in a race: data, networks, optimiser. The same course and seed give the same race.

import { choice, numberOf, select, wordOf } from "./controls.js";
import { h } from "./dom.js";
import { all, record, values } from "./state.js";
import { t } from "./text.js";

const NUMBERS = ["layers", "hidden", "rate", "batch", "seed"];

export const runners = () => all("f").slice(0, record("f").maxItems);
export const course = () => values("dataset", "init", ...NUMBERS);

export function raceControls() {
  const data = wordOf(choice, "dataset", { label: t("race.dataset"), say: (word) => t(`race.${word}`) });
  const start = wordOf(select, "init", { label: t("race.init"), say: (word) => t(`init.${word}`) });
  const [layers, hidden, ...others] = NUMBERS.map((name) => numberOf(name, { label: t(`race.${name}`) }));
  const controls = [data, layers, hidden, start, ...others];
  return Object.assign(h("div", {}, controls), { update: () => controls.forEach((each) => each.update()) });
}
