// The state of the page is its URL: a link reproduces the view.

import { isFile, search } from "./file.js";

const state = new EventTarget();
let current = new URLSearchParams(search);
let timer = 0;
let written = location.search;

// The server's table: of each view's names the default, the bounds, the slider's ends.
let table = {};
export const use = (views) => (table = views);
export const views = () => Object.keys(table);
export const view = () => (current.get("view") in table ? current.get("view") : "functions");
export const record = (name) => table[view()]?.[name] ?? {};

// What the address says of a name, else what it means without.
export const get = (name) => current.get(name) ?? String(record(name).default ?? "");
export const all = (name) => (current.has(name) ? current.getAll(name) : (record(name).default ?? []));
export const number = (name) => {
  const value = Number(current.get(name) || NaN);
  return Number.isFinite(value) ? value : record(name).default;
};
// Everything that a view's address holds of its own, with the values that are shown.
export const values = (...names) =>
  Object.fromEntries(names.map((name) => [name, record(name).enum ? get(name) : number(name)]));

// Changes that leave nothing of what views were set to.
export const fresh = () =>
  Object.fromEntries(Object.values(table).flatMap((names) => Object.keys(names).map((name) => [name, null])));
export const hidden = () => new Set(get("hide").split(",").filter(Boolean));

// The address of this page with other values; null takes a name away, a list repeats it.
export function address(changes, from = current) {
  return "?" + changed(changes, from);
}

function changed(changes, from) {
  const next = new URLSearchParams(from);
  for (const [name, value] of Object.entries(changes)) {
    next.delete(name);
    for (const each of [value].flat()) if (each !== null && each !== "") next.append(name, each);
  }
  return next;
}

// A slider changes the state with every move; browsers allow few changes of the address a second,
// so the address follows a little later. What is set by hand is no longer a preset.
export function change(changes) {
  const next = changed({ preset: null, ...changes }, current);
  if (String(next) === String(current)) return;
  current = next;
  clearTimeout(timer);
  timer = setTimeout(write, 150);
  state.dispatchEvent(new CustomEvent("change", { detail: new Set(Object.keys(changes)) }));
}

function write() {
  if (isFile) return;
  history.replaceState(null, "", "?" + current);
  written = location.search;
}

// What the view on show asks the server, with the values that the address leaves to the view.
let asked = () => ({});
export const asks = (question) => {
  asked = question;
};
export function question() {
  const names = [...new Set(current.keys())].filter((name) => name !== "lang");
  return { ...Object.fromEntries(names.map((name) => [name, current.getAll(name)])), ...asked() };
}

// Writes the address at once, for who reads it.
export function settle() {
  clearTimeout(timer);
  write();
  return location.href;
}

export function visit(search) {
  clearTimeout(timer);
  current = new URLSearchParams(search);
  history.pushState(null, "", search);
  written = location.search;
  state.dispatchEvent(new CustomEvent("visit"));
}

export const onChange = (listener, signal) =>
  state.addEventListener("change", (event) => listener(event.detail), { signal });
export const onVisit = (listener) => state.addEventListener("visit", listener);

// A jump within the page, as past the header, is an entry of the history too, and changes nothing.
addEventListener("popstate", () => {
  if (location.search === written) return;
  written = location.search;
  clearTimeout(timer);
  current = new URLSearchParams(location.search);
  state.dispatchEvent(new CustomEvent("visit"));
});
