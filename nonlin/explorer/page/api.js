// Questions to the server. A refusal's sentence is the server's own.

import { same } from "./catalogue.js";
import { isFile, recall } from "./file.js";
import { t } from "./text.js";

export class Refused extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

let lang = "en";
export const speak = (language) => (lang = language);

export function path(name, fields = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...fields, lang }))
    for (const each of [value].flat())
      if (each !== null && each !== undefined && each !== "") query.append(key, each);
  return `api/${name}?${query}`;
}

export const ask = (name, fields, { signal } = {}) =>
  isFile ? remember(name, fields) : send(path(name, fields), { signal });

async function remember(name, fields) {
  const found = recall(name, fields, same);
  if (!found || found.error) throw new Refused(found?.error ?? t("app.not_held"), 404);
  return found;
}

export function post(name, body, type = "application/json") {
  return send(path(name), { method: "POST", body, headers: { "Content-Type": type } });
}

async function send(address, options) {
  try {
    const response = await fetch(address, options);
    if (response.ok) return await response.json();
    const answer = await response.json().catch(() => ({}));
    throw new Refused(answer.error ?? t("app.failed", { status: response.status }), response.status);
  } catch (error) {
    if (error instanceof Refused) throw error;
    // A view that has gone needs no answer, not even one of which a part has come.
    options.signal?.throwIfAborted();
    throw new Refused(t("app.unreachable"), 0);
  }
}

// Runs `work` for the newest fields only: while one question is on its way the next one waits, and
// of several that wait the last one is asked. A slider never queues up.
export function latest(work) {
  let waiting = null;
  let busy = false;
  return async function next(...fields) {
    waiting = fields;
    if (busy) return;
    busy = true;
    try {
      while (waiting) {
        const now = waiting;
        waiting = null;
        await work(...now);
      }
    } finally {
      busy = false;
    }
  };
}
