// Elements, made in one expression.

// `attributes`: "on" holds listeners by event, "style" properties by name (a style attribute would
// be refused by the Content-Security-Policy), "value" and "checked" are properties.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(
    ...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") {
    for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  } else if (name === "style") {
    for (const [property, each] of Object.entries(value)) element.style.setProperty(property, each);
  } else if (name === "value" || name === "checked" || name === "selected" || name === "open") {
    element[name] = value;
  } else {
    element.setAttribute(name, value === true ? "" : value);
  }
}

// The same for drawings.
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== "") element.setAttribute(name, value);
  element.append(...children);
  return element;
}

let count = 0;
export const unique = (prefix) => `${prefix}-${++count}`;

// A formula as the server writes it: MathML, or plain text where it is none.
export function formula(source) {
  if (!source) return "";
  // How it looks is the style sheet's.
  const bare = source.replace(/ style="[^"]*"/g, "");
  const math = new DOMParser().parseFromString(bare, "text/html").querySelector("math");
  return math ? document.importNode(math, true) : h("code", {}, source);
}

// Says a sentence to screen readers, wherever the focus is.
export function announce(sentence) {
  document.getElementById("announcement").textContent = sentence;
}

// The line of the function at a place: its colour and its dashes, as the curves have them.
export const DASHES = ["", "9 5", "9 3 2 3", "3 3", "13 4", "13 3 3 3", "6 2 1 2 1 2", "3 2"];
export function swatch(place) {
  const line = { x1: 0, x2: 30, y1: 2, y2: 2, stroke: `var(--series-${place % 8})`, "stroke-width": 3 };
  const drawn = s("line", { ...line, "stroke-dasharray": DASHES[place % 8] });
  return s("svg", { class: "swatch", width: 30, height: 4, "aria-hidden": "true" }, drawn);
}

// A part of the page that `?hide=` can take away by its name.
export function part(name, ...elements) {
  return h("div", { class: "part", "data-part": name }, ...elements);
}
