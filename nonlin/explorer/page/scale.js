// Axes: where a value stands, which values are labelled, and how.

import { superscript } from "./text.js";

const KINDS = {
  linear: { to: (x) => x, from: (x) => x },
  log: { to: Math.log10, from: (x) => 10 ** x },
  sqrt: { to: Math.sqrt, from: (x) => x * x },
};

// An axis is {kind, range, ticks, percent} or {categories}, whose values are their places from 0 on.
// `start` and `end` are pixels, `room` those that a label takes.
export function scale(axis, start, end, room) {
  if (axis.categories) return places(axis.categories, start, end, room);
  const { to, from } = KINDS[axis.kind ?? "linear"];
  const [low, high] = axis.range.map(to);
  const at = (value) =>
    typeof value === "number" ? start + ((to(value) - low) / (high - low)) * (end - start) : NaN;
  const value = (place) => from(low + ((place - start) / (end - start)) * (high - low));
  return { start, end, at, value, ticks: ticks(axis, Math.max(Math.abs(end - start) / room, 2)) };
}

function places(names, start, end, room) {
  const each = (end - start) / names.length;
  const every = Math.ceil(room / Math.abs(each));
  const labels = names.map((label, value) => ({ value, label })).filter(({ value }) => value % every === 0);
  const value = (place) => Math.min(Math.max(Math.floor((place - start) / each), 0), names.length - 1);
  return { start, end, at: (i) => start + (i + 0.5) * each, value, ticks: labels, names };
}

function ticks({ kind, range, ticks: given, percent }, most) {
  if (given) return given.filter((x) => range[0] <= x && x <= range[1]).map(plain);
  const [low, high] = kind === "log" ? range.map(Math.log10) : range;
  if (kind !== "log") return round(low, high, most).map((x) => (percent ? share(x) : plain(x)));
  const decades = Math.floor(high) - Math.ceil(low);
  const finer = within(low, high);
  if (decades < 2 && finer.length <= most) return finer.map(scientific);
  const every = Math.ceil((decades + 1) / most) || 1;
  const powers = Array.from({ length: decades + 1 }, (_, i) => Math.ceil(low) + i);
  return powers.filter((power) => power % every === 0).map(decade);
}

const plain = (value) => ({ value, label: String(Number(value.toPrecision(6))).replace("-", "−") });
const share = (value) => ({ value, label: `${Number((100 * value).toPrecision(6))} %` });
const decade = (power) =>
  Math.abs(power) < 4 ? plain(10 ** power) : { value: 10 ** power, label: `10${superscript(power)}` };
function scientific(value) {
  const [digit, power] = value.toExponential(0).split("e").map(Number);
  const written = `${digit}·10${superscript(power)}`;
  return Math.abs(power) < 4 ? plain(value) : { value, label: digit === 1 ? decade(power).label : written };
}

// The multiples of 1, 2 or 5 times a power of ten that lie in an interval, at most `most` of them.
function round(low, high, most) {
  const power = 10 ** Math.floor(Math.log10((high - low) / most));
  const step = power * [1, 2, 5, 10].find((each) => each * power * most >= high - low);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

// 1, 2 and 5 of each decade that a short logarithmic axis touches.
function within(low, high) {
  const all = [];
  for (let power = Math.floor(low); power <= high; power++)
    for (const each of [1, 2, 5]) all.push(each * 10 ** power);
  return all.filter((x) => Math.log10(x) >= low && Math.log10(x) <= high);
}

// The ends of an axis around some values: with 0 where it means something, and over at least `decades`
// where it is logarithmic, so that what hardly moves does not look like a fall.
export function around(values, { kind, zero, decades = 2 } = {}) {
  const known = values.filter((x) => Number.isFinite(x) && (kind !== "log" || x > 0));
  if (!known.length) return kind === "log" ? [0.1, 10] : [0, 1];
  const to = kind === "log" ? Math.log10 : (x) => x;
  let low = to(known.reduce((a, b) => Math.min(a, b)));
  let high = to(known.reduce((a, b) => Math.max(a, b)));
  if (zero) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  const short = kind === "log" ? Math.max(decades - (high - low), 0) : high > low ? 0 : Math.abs(high) || 1;
  const room = short / 2 + 0.05 * (high - low);
  const ends = [zero && low === 0 ? 0 : low - room, high + room];
  return kind === "log" ? ends.map((x) => 10 ** x) : ends;
}
