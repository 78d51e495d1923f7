// Light or dark: what the reader's system prefers, or what the URL says. Colours live in style.css;
// charts read them from there.

import { DASHES } from "./dom.js";
import { change, get } from "./state.js";

const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();

export const isDark = () => (get("theme") ? get("theme") === "dark" : system.matches);

export function apply() {
  const theme = isDark() ? "dark" : "light";
  if (document.documentElement.dataset.theme === theme) return;
  document.documentElement.dataset.theme = theme;
  colours.cache = null;
  for (const listener of listeners) listener();
}

export function flip() {
  const next = isDark() ? "light" : "dark";
  change({ theme: (next === "dark") === system.matches ? null : next, preset: get("preset") });
  apply();
}

export function onTheme(listener, signal) {
  listeners.add(listener);
  signal?.addEventListener("abort", () => listeners.delete(listener));
}

const NAMES = [
  "page",
  "card",
  "line",
  "ink",
  "soft",
  "grid",
  "band",
  "warm",
  "cold",
  "warm-ink",
  "cold-ink",
  "bad",
];

export function colours() {
  if (!colours.cache) {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    colours.cache = Object.fromEntries(NAMES.map((name) => [name, read(`--${name}`)]));
    colours.cache.series = Array.from({ length: 8 }, (_, i) => read(`--series-${i}`));
  }
  return colours.cache;
}

// Each function keeps a colour and a line of its own: they stay apart in grey, and to every eye.
export const line = (place, width = 2.5) => ({
  type: "line",
  colour: colours().series[place % 8],
  dash: DASHES[place % 8],
  width,
});

system.addEventListener("change", apply);
