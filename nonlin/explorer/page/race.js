// The view of the race: small networks train side by side, and one sees what happens inside.

import { latest, post, Refused } from "./api.js";
import * as catalogue from "./catalogue.js";
import { button, fold, problem, slider } from "./controls.js";
import { announce, h, part } from "./dom.js";
import { picker } from "./picker.js";
import { presets } from "./presets.js";
import { boards, standing } from "./boards.js";
import { course, raceControls, runners } from "./course.js";
import { raceCharts } from "./racecharts.js";
import { asks, change, get, number as stated, onChange } from "./state.js";
import { follow } from "./stream.js";
import { t } from "./text.js";

const SPEEDS = { minimum: 5, maximum: 500, usual: 100 };

export function view(root, signal) {
  asks(() => ({ view: "race", f: runners(), ...course() }));
  const controls = raceControls();
  const cards = picker({ specs: runners, onChange: (f) => change({ f }), most: 4 });
  const status = h("p", { class: "status", role: "status" });
  const trouble = h("div", { "aria-live": "assertive" });
  const field = boards(signal);
  const charts = raceCharts(signal);
  const speed = slider({
    label: t("race.speed"),
    value: stated("speed", SPEEDS.usual),
    minimum: SPEEDS.minimum,
    maximum: SPEEDS.maximum,
    logarithmic: true,
    onInput: (value) => {
      change({ speed: Math.round(value), preset: get("preset") });
      control({ action: "speed", speed: Math.round(value) });
    },
  });
  let ready = presets("race");
  let run = null; // what goes on: {id, stream, paused, last}

  const play = button(t("race.play"), toggle, { class: "primary" });
  const step = button(t("race.step"), stepOnce);
  const reset = button(t("race.reset"), restart);
  root.append(
    h("div", { class: "intro" }, h("h1", {}, t("race.title")), h("p", {}, t("race.intro"))),
    ready,
    h(
      "div",
      { class: "columns" },
      h(
        "section",
        { class: "controls", "data-part": "controls", "aria-label": t("app.controls") },
        fold(t("functions.choose"), cards),
        fold(t("race.settings"), controls),
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

  function toggle() {
    if (!run) return begin({ paused: false });
    if (run.ended) return restart();
    setPaused(!run.paused);
    control({ action: run.paused ? "pause" : "resume" });
  }

  function stepOnce() {
    if (!run) return begin({ paused: true, step: true });
    setPaused(true);
    control({ action: "step" });
  }

  function setPaused(paused) {
    run.paused = paused;
    label();
    describe();
  }

  function label() {
    play.textContent = !run
      ? t("race.play")
      : run.ended
        ? t("race.again")
        : run.paused
          ? t("race.resume")
          : t("race.pause");
    step.disabled = Boolean(run?.ended);
  }

  function begin({ paused, step: one = false }) {
    stop();
    trouble.replaceChildren();
    charts.clear();
    const mine = { paused, last: null, ended: false };
    run = mine;
    mine.stream = follow(
      "race/stream",
      { ...course(), f: runners(), speed: stated("speed", SPEEDS.usual), paused: paused ? 1 : null },
      {
        start: (data) => {
          mine.id = data.id;
          field.start(data, runners());
          if (one) control({ action: "step" });
        },
        frame: (data) => {
          mine.last = data;
          charts.add(data);
          draw(data);
          if (mine.paused) describe();
          else count();
        },
        end: () => {
          mine.ended = true;
          label();
          describe();
        },
        problem: (sentence) => {
          if (run === mine) lose(sentence);
        },
      },
    );
    label();
    status.textContent = t("race.starting");
  }

  // Frames may come faster than they can be drawn: the newest is drawn, one chart after the other,
  // and clicks come between.
  const draw = latest(async (data) => {
    for (const drawOne of [...field.frame(data), ...charts.frame(data)]) {
      await drawOne();
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
  });

  function lose(sentence) {
    trouble.replaceChildren(problem(sentence));
    run.ended = true;
    label();
  }

  // Counting aloud would drown everything else: the status is said when the race rests.
  function count() {
    status.setAttribute("aria-live", "off");
    status.textContent = t("race.at", { step: run.last.step });
  }

  function describe() {
    status.removeAttribute("aria-live");
    if (!run.last) return;
    const standings = run.last.runs.map((each) => `${catalogue.title(each.spec)}: ${standing(each)}.`);
    status.textContent = [
      t(run.ended ? "race.ended" : "race.paused", { step: run.last.step }),
      ...standings,
    ].join(" ");
  }

  async function control(action) {
    if (!run?.id || run.ended) return;
    try {
      await post(`race/${run.id}/control`, JSON.stringify(action));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      lose(error.message);
    }
  }

  function stop() {
    run?.stream?.close();
    run = null;
  }

  function restart() {
    const wasPaused = run?.paused ?? true;
    begin({ paused: wasPaused && !run?.ended });
    announce(t("race.starting"));
  }

  onChange((names) => {
    controls.update();
    if (names.has("f")) cards.update();
    if (!get("preset") && ready.querySelector("[aria-current]")) ready.replaceWith((ready = presets("race")));
    if (names.has("speed")) return;
    stop();
    label();
    status.textContent = t("race.changed");
  }, signal);
  signal.addEventListener("abort", stop);
  addEventListener("pagehide", stop, { signal });
  label();
  status.textContent = t("race.ready");
}
