// Every sentence comes from the server's messages; numbers are written as a reader expects them.

let sentences = {};

export function use(messages) {
  sentences = messages;
}

// The address's, else that of `nonlin explore --lang`, else the browser's.
export const chosenLanguage = (asked) => {
  if (asked === "ko" || asked === "en") return asked;
  const { lang } = document.documentElement.dataset;
  if (lang) return lang;
  return navigator.languages.some((each) => each.toLowerCase().split("-")[0] === "ko") ? "ko" : "en";
};

export function t(key, fields = {}) {
  const found = key.split(".").reduce((node, part) => node?.[part], sentences);
  if (typeof found !== "string") return key;
  return found.replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);
}

export const has = (key) => t(key) !== key;

// Four digits, powers of ten written out: 0.00123, 2.15 × 10⁻⁸.
export function number(value, digits = 4) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "string") return { inf: "∞", "-inf": "-∞", nan: "NaN" }[value] ?? value;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e6) return String(Number(value.toPrecision(digits)));
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return `${Number(mantissa)} × 10${superscript(Number(exponent))}`;
}

export const superscript = (exponent) =>
  [...String(exponent)].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("");

export const percent = (share) =>
  share === null || share === undefined ? "–" : `${number(100 * share, 3)} %`;
