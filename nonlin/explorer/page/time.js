// The view of time: what is left of a gradient after many steps of a recurrent network.

import { asking } from "./asking.js";
import * as catalogue from "./catalogue.js";
import { chart } from "./chart.js";
import { chosen } from "./chosen.js";
import { numberOf, select } from "./controls.js";
import { around } from "./scale.js";
import { all, change, values } from "./state.js";
import { number, t } from "./text.js";
import { colours } from "./theme.js";

const NAMES = ["recurrent_variance", "input_variance", "steps", "units", "seed"];

export function view(root, signal) {
  const spec = () => all("f")[0];
  const setFunction = (name) => change({ f: [name] });
  const names = select({
    label: t("depth.function"),
    value: catalogue.read(spec()).name,
    onChange: setFunction,
    options: catalogue.all().map(({ title, functions }) => ({
      label: title,
      options: functions.map((each) => ({ value: each.name, label: each.title })),
    })),
  });
  names.update = () => names.set(catalogue.read(spec()).name);
  const card = chosen({ specs: () => [spec()], onChange: ([only]) => setFunction(only), single: true });
  const sliders = NAMES.map((name) => numberOf(name, { label: t(`time.${name}`) }));
  const charts = ["gradient", "length"].map((key) =>
    chart({
      name: `nonlin-time-${key}`,
      title: t(`time.${key}_title`),
      explanation: t(`time.${key}_explanation`),
      height: key === "gradient" ? 320 : 240,
      signal,
    }),
  );
  const show = (found) => {
    draw(charts[0], found, "gradient", (all) => ({ kind: "log", range: around(all, { kind: "log" }) }));
    draw(charts[1], found, "length", (all) => ({ range: around(all, { zero: true }) }));
  };

  asking(
    { root, signal },
    {
      name: "time",
      path: "time",
      fields: () => ({ f: spec(), ...values(...NAMES) }),
      controls: [names, card, ...sliders],
      kept: [card, sliders[0]],
      charts,
      show,
    },
  );
}

function draw(element, found, key, axis) {
  const x = found.step;
  const sides = ["predicted", "measured"];
  const of = (side) => found[side][key];
  element.draw({
    picture: () => ({
      x: { range: [0.5, x.at(-1) + 0.5], title: t("time.step") },
      panels: [
        {
          y: { ...axis(sides.flatMap(of)), title: t(`time.${key}_axis`) },
          marks: sides.map((side, i) => ({
            type: "line",
            x,
            y: of(side),
            name: t(`time.${side}`),
            colour: colours().series[i],
            width: i ? 1.5 : 2.5,
            dash: i ? "3 3" : "",
          })),
        },
      ],
    }),
    legend: sides.map((side, place) => ({ place, label: t(`time.${side}`) })),
    summary: sides.map((side) =>
      t("time.ends", {
        what: t(`time.${side}`),
        first: number(of(side)[0]),
        last: number(of(side).at(-1)),
        steps: x.at(-1),
      }),
    ),
    columns: [
      { label: t("time.step"), values: x },
      ...sides.map((side) => ({ label: t(`time.${side}`), values: of(side) })),
    ],
  });
}
