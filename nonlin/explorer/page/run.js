// One race on the server: its stream, and what is said to it. What is said before it has a name
// waits until it has one. A file holds a race that was run, and plays it.

import { post, Refused } from "./api.js";
import { isFile, recall } from "./file.js";
import { follow } from "./stream.js";

export const start = (question, handlers) => (isFile ? played : live)(question, handlers);

function live(question, { onStart, onFrame, onEnd, onProblem }) {
  const run = { paused: true, ended: false, last: null };
  const waiting = [];
  let id = null;
  const stream = follow(
    "race/stream",
    { ...question, paused: 1 },
    {
      start: (data) => {
        id = data.id;
        onStart(data);
        for (const action of waiting.splice(0)) say(action);
      },
      frame: (data) => {
        run.last = data;
        onFrame(data);
      },
      end: () => {
        run.ended = true;
        onEnd();
      },
      problem: lose,
    },
  );

  function lose(sentence) {
    run.ended = true;
    onProblem(sentence);
  }

  async function say(action) {
    if (run.ended) return;
    if (!id) return void waiting.push(action);
    try {
      await post(`race/${id}/control`, JSON.stringify(action));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (!run.ended) lose(error.message);
    }
  }

  function go(paused) {
    run.paused = paused;
    say({ action: paused ? "pause" : "resume" });
  }

  function step() {
    run.paused = true;
    say({ action: "step" });
  }
  const speed = (steps) => say({ action: "speed", speed: steps });
  return Object.assign(run, { go, step, speed, close: stream.close });
}

function played({ speed: usual }, { onStart, onFrame, onEnd }) {
  const { start: first, frames } = recall("race");
  const run = { paused: true, ended: false, last: null };
  let [place, timer, pace] = [0, 0, usual];

  function show() {
    run.last = frames[place++];
    onFrame(run.last);
    run.ended = place === frames.length;
    if (run.ended) onEnd();
    else if (!run.paused) timer = setTimeout(show, (1000 * (frames[place].step - run.last.step)) / pace);
  }

  function go(paused) {
    run.paused = paused;
    clearTimeout(timer);
    if (!paused && !run.ended) show();
  }

  function step() {
    go(true);
    if (!run.ended) show();
  }
  const speed = (steps) => (pace = steps);
  setTimeout(() => (onStart(first), show()));
  return Object.assign(run, { go, step, speed, close: () => clearTimeout(timer) });
}
