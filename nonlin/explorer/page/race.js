// The view of the race: small networks train side by side, and one sees what happens inside.

import { latest } from "./api.js";
import { boards, standing } from "./boards.js";
import * as catalogue from "./catalogue.js";
import { button, fold, numberOf, problem } from "./controls.js";
import { course, raceControls, runners } from "./course.js";
import { h, part } from "./dom.js";
import { isFile } from "./file.js";
import { picker } from "./picker.js";
import { presets } from "./presets.js";
import { raceCharts } from "./racecharts.js";
import { start } from "./run.js";
import { asks, change, get, number, onChange } from "./state.js";
import { t } from "./text.js";

const PAUSE = 300;

export function view(root, signal) {
  asks(() => ({ view: "race", f: runners(), ...course() }));
  const controls = raceControls();
  const cards = picker({ specs: runners, onChange: (f) => change({ f }) });
  const status = h("p", { class: "status", role: "status" });
  const trouble = h("div", { "aria-live": "assertive" });
  const field = boards(signal);
  const charts = raceCharts(signal);
  const play = button(t("race.play"), toggle, { class: "primary" });
  const step = button(t("race.step"), () => act(() => run.step()));
  const reset = button(t("race.reset"), begin);
  const speed = numberOf("speed", {
    label: t("race.speed"),
    onInput: (value) => {
      change({ speed: Math.round(value), preset: get("preset") });
      run.speed(Math.round(value));
    },
  });
  let ready = presets("race");
  let run = null;
  let timer = 0;

  root.append(
    h("div", { class: "intro" }, h("h1", {}, t("race.title")), h("p", {}, t("race.intro"))),
    isFile ? "" : ready,
    h(
      "div",
      { class: "columns" },
      h(
        "section",
        { class: "controls", "data-part": "controls", "aria-label": t("app.controls") },
        !isFile && fold(t("functions.choose"), cards),
        !isFile && fold(t("race.settings"), controls),
      ),
      h(
        "div",
        { class: "pictures" },
        h("div", { class: "row transport" }, play, step, reset, speed),
        status,
        trouble,
        field,
        h("div", { class: "pair" }, charts.loss, charts.gradient),
        part("dead", charts.dead),
      ),
    ),
  );

  // A race begins at rest: one sees the points and the networks as they were drawn.
  function begin() {
    clearTimeout(timer);
    run?.close();
    trouble.replaceChildren();
    charts.clear();
    field.prepare(runners());
    status.textContent = t("race.starting");
    const mine = start(
      { ...course(), f: runners(), speed: number("speed") },
      {
        onStart: field.start,
        onFrame: (data) => {
          charts.add(data);
          draw(data);
          describe();
        },
        onEnd: describe,
        onProblem: (sentence) => {
          if (run !== mine) return;
          trouble.replaceChildren(problem(sentence));
          label();
        },
      },
    );
    run = mine;
    label();
  }

  // Frames may come faster than they can be drawn: the newest is drawn, one chart after the other,
  // and clicks come between.
  const draw = latest(async (data) => {
    for (const drawOne of [...field.frame(data), ...charts.frame(data)]) {
      if (signal.aborted) return;
      await drawOne();
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
  });

  function toggle() {
    if (run.ended) begin();
    act(() => run.go(!run.paused));
  }

  function act(action) {
    action();
    describe();
  }

  const isFresh = () => !run.last || run.last.step === 0;

  function label() {
    const resting = isFresh() ? "play" : "resume";
    play.textContent = t(`race.${run.ended ? "again" : run.paused ? resting : "pause"}`);
    step.disabled = run.ended;
  }

  // Counting aloud would drown everything else: the status is said when the race rests.
  function describe() {
    label();
    if (!run.last) return;
    const rests = run.paused || run.ended;
    status.setAttribute("aria-live", rests ? "polite" : "off");
    if (!rests) status.textContent = t("race.at", { step: run.last.step });
    else status.textContent = [headline(), ...standings()].join(" ");
  }

  function headline() {
    if (run.ended) return t("race.ended", { step: run.last.step });
    return isFresh() ? t("race.ready") : t("race.paused", { step: run.last.step });
  }
  const standings = () => run.last.runs.map((each) => `${catalogue.title(each.spec)}: ${standing(each)}.`);

  onChange((names) => {
    controls.update();
    if (names.has("f")) cards.update();
    if (!get("preset") && ready.querySelector("[aria-current]")) ready.replaceWith((ready = presets("race")));
    if (names.has("speed")) return;
    run.close();
    clearTimeout(timer);
    timer = setTimeout(begin, PAUSE);
  }, signal);
  const leave = () => {
    clearTimeout(timer);
    run.close();
  };
  signal.addEventListener("abort", leave);
  addEventListener("pagehide", leave, { signal });
  begin();
}
