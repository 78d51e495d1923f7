// One race on the server: its stream, and what is said to it. What is said before it has a name
// waits until it has one.

import { post, Refused } from "./api.js";
import { follow } from "./stream.js";

export function start(question, { onStart, onFrame, onEnd, onProblem }) {
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
