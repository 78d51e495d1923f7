// Server-sent events, read until one closes them. A server that goes away is said, not retried.

import { path } from "./api.js";
import { t } from "./text.js";

// `handlers` take the data of the events by name; `problem` takes a sentence.
export function follow(name, fields, { problem, ...handlers }) {
  const source = new EventSource(path(name, fields));
  let done = false;
  const close = () => {
    done = true;
    source.close();
  };
  for (const [event, handler] of Object.entries(handlers)) {
    source.addEventListener(event, ({ data }) => {
      if (event === "end") close();
      handler(data ? JSON.parse(data) : {});
    });
  }
  source.addEventListener("problem", ({ data }) => {
    close();
    problem(JSON.parse(data).error);
  });
  source.addEventListener("error", async () => {
    if (done) return;
    close();
    problem(await reason(path(name, fields)));
  });
  return { close };
}

// EventSource does not show why it was refused: the same question, asked plainly, says it.
async function reason(address) {
  const leaving = new AbortController();
  try {
    const response = await fetch(address, { signal: leaving.signal });
    if (response.ok) return t("app.broken");
    return (await response.json()).error ?? t("app.broken");
  } catch {
    return t("app.unreachable");
  } finally {
    leaving.abort();
  }
}
