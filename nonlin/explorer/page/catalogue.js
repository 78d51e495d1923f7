// The functions that the server knows, and how one with its parameters is written in the URL:
// `elu`, `elu(alpha=0.5)`, `formula:x*sigmoid(x)`.

let groups = [];
let byName = new Map();

export function use(answer) {
  groups = answer;
  byName = new Map(groups.flatMap((group) => group.functions).map((each) => [each.name, each]));
}

export const all = () => groups;
export const isFormula = (spec) => spec.startsWith("formula:");

export function read(spec) {
  if (isFormula(spec))
    return { name: spec, title: spec.slice("formula:".length), parameters: [], values: {} };
  const [, name, written] = /^([^(]+)(?:\((.*)\))?$/.exec(spec) ?? [null, spec, ""];
  const record = byName.get(name.trim()) ?? { name, title: name, parameters: [] };
  const values = Object.fromEntries(record.parameters.map((each) => [each.name, each.value]));
  for (const pair of (written ?? "").split(",").filter(Boolean)) {
    const [key, value] = pair.split("=").map((each) => each.trim());
    values[key] = Number.isNaN(Number(value)) ? value : Number(value);
  }
  return { ...record, values };
}

// Defaults are left out: a link stays short.
export function write(record, values) {
  const given = record.parameters.filter((each) => values[each.name] !== each.value);
  if (!given.length) return record.name;
  return `${record.name}(${given.map((each) => `${each.name}=${values[each.name]}`).join(",")})`;
}

// The same function in one writing.
export const same = (spec) => (isFormula(spec) ? spec : write(read(spec), read(spec).values));

export function title(spec) {
  const { title: own, parameters, values } = read(spec);
  const given = parameters.filter((each) => values[each.name] !== each.value);
  return given.length
    ? `${own} (${given.map((each) => `${symbol(each.name)} = ${values[each.name]}`).join(", ")})`
    : own;
}

const GREEK = { alpha: "α", beta: "β", lambda: "λ", lambd: "λ" };
export const symbol = (name) => GREEK[name] ?? name;
