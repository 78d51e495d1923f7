// The state of the page is its URL: a link reproduces the view.

const state = new EventTarget();
let current = new URLSearchParams(location.search);
let timer = 0;
let written = location.search;

export const get = (name, otherwise = "") => current.get(name) ?? otherwise;
export const all = (name) => current.getAll(name);
export const number = (name, otherwise) => {
  const value = Number(current.get(name) || NaN);
  return Number.isFinite(value) ? value : otherwise;
};
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
