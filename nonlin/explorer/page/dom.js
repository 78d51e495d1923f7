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

let count = 0;
export const unique = (prefix) => `${prefix}-${++count}`;

// A formula as the server writes it: MathML, or plain text where it is none.
export function formula(source) {
  if (!source) return "";
  const math = new DOMParser().parseFromString(source, "text/html").querySelector("math");
  return math ? document.importNode(math, true) : h("code", {}, source);
}

// Says a sentence to screen readers, wherever the focus is.
export function announce(sentence) {
  document.getElementById("announcement").textContent = sentence;
}

export function swatch(place) {
  return h("span", { class: "swatch", "data-series": String(place % 8), "aria-hidden": "true" });
}

// A part of the page that `?hide=` can take away by its name.
export function part(name, ...elements) {
  return h("div", { class: "part", "data-part": name }, ...elements);
}
