// The view of an examination: a monitor's run.jsonl, dropped here or followed while it is written.

import { ask, path, post, Refused } from "./api.js";
import { button, plain, problem } from "./controls.js";
import { announce, h, part, unique } from "./dom.js";
import { pageAddress, save } from "./export.js";
import { isFile } from "./file.js";
import { findings } from "./findings.js";
import { logCharts } from "./logcharts.js";
import { change, get } from "./state.js";
import { follow } from "./stream.js";
import { t } from "./text.js";

const LARGEST = 20_000_000;

export function view(root, signal) {
  const charts = logCharts(signal);
  const list = findings();
  const status = h("p", { class: "status", role: "status" });
  const verdict = h("div", { class: "verdict" });
  const saving = button(t("share.page"), () => saveFile().catch(fail));
  const result = h(
    "div",
    { class: "result", hidden: true },
    verdict,
    !isFile && h("p", { class: "actions" }, saving),
    list,
    charts,
  );
  const how = h(
    "details",
    { class: "fold", open: true },
    h("summary", {}, t("examine.how")),
    h("pre", { tabindex: "0" }, h("code", {}, HOW)),
    h("p", { class: "hint" }, t("examine.how_hint")),
  );
  let stream = null;
  let log = null;

  const id = unique("file");
  // The browser writes its own words on a file input: its label stands in the page's language.
  const file = h("input", {
    type: "file",
    id,
    class: "unseen",
    accept: ".jsonl,.json,application/jsonl,application/json,text/plain",
    on: { change: () => file.files[0] && read(file.files[0]) },
  });
  const area = h(
    "div",
    {
      class: "drop",
      on: {
        dragover: (event) => {
          event.preventDefault();
          area.classList.add("over");
        },
        dragleave: () => area.classList.remove("over"),
        drop: (event) => {
          event.preventDefault();
          area.classList.remove("over");
          if (event.dataTransfer.files[0]) read(event.dataTransfer.files[0]);
        },
      },
    },
    h("p", { class: "lead" }, t("examine.drop")),
    file,
    h("label", { for: id, class: "button" }, t("examine.choose")),
  );
  const live = button(t("examine.follow"), toggle, { "aria-pressed": "false" });

  root.append(
    h("div", { class: "intro" }, h("h1", {}, t("examine.title")), h("p", {}, t("examine.intro"))),
    !isFile &&
      part(
        "controls",
        h(
          "div",
          { class: "pair" },
          area,
          h("div", { class: "follow" }, live, h("p", { class: "hint" }, t("examine.follow_hint"))),
        ),
        how,
      ),
    status,
    result,
  );

  async function read(chosen) {
    unfollow();
    if (chosen.size > LARGEST) return refuse(t("examine.large", { name: chosen.name }));
    status.replaceChildren(t("examine.reading", { name: chosen.name }));
    try {
      log = await chosen.text();
      show(await post("examine/log", log, "application/jsonl"));
      status.replaceChildren(t("examine.read", { name: chosen.name }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error.message);
    }
  }

  // A log that was dropped here is sent once more; one that is followed the server has.
  async function saveFile() {
    const address = stream ? pageAddress() : path("examine/page");
    const response = await fetch(address, stream ? {} : { method: "POST", body: log });
    if (!response.ok) throw new Refused((await response.json()).error, response.status);
    save(await response.text(), "nonlin-examine.html", "text/html");
  }

  function fail(error) {
    if (!(error instanceof Refused)) throw error;
    status.replaceChildren(problem(error.message));
  }

  function refuse(sentence) {
    status.replaceChildren(problem(sentence));
    file.value = "";
  }

  function show(found) {
    result.hidden = false;
    how.open = false;
    verdict.replaceChildren(...plain(found.summary));
    const fresh = list.show(found.paragraphs, found.unseen);
    if (fresh.length && stream) announce(t("examine.new", { count: fresh.length, first: fresh[0] }));
    charts.show(found);
  }

  function toggle() {
    if (stream) return unfollow();
    change({ follow: 1 });
    begin();
  }

  function begin() {
    live.setAttribute("aria-pressed", "true");
    live.textContent = t("examine.stop");
    status.replaceChildren(t("examine.waiting"));
    log = null;
    stream = follow(
      "examine/follow",
      {},
      {
        examination: (found) => {
          status.replaceChildren(t("examine.following"));
          show(found);
        },
        problem: (sentence) => {
          unfollow();
          refuse(sentence);
        },
      },
    );
  }

  function unfollow() {
    if (!stream) return;
    stream.close();
    stream = null;
    live.setAttribute("aria-pressed", "false");
    live.textContent = t("examine.follow");
    status.replaceChildren("");
    change({ follow: null });
  }

  signal.addEventListener("abort", () => stream?.close());
  if (isFile) ask("examine/log").then(show);
  else if (get("follow") === "1") begin();
}

const HOW = `from nonlin.torch import Monitor

monitor = Monitor(model, (inputs, targets), loss_fn, optimizer, every=100, log="run.jsonl")
for x, y in batches:
    ...                 # your training step
    optimizer.step()
    monitor.step()

# then, in a shell:     nonlin explore run.jsonl`;
