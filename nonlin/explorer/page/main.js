// Starts the page, and shows the view that the URL names.

import { ask, speak } from "./api.js";
import * as catalogue from "./catalogue.js";
import { problem } from "./controls.js";
import { announce } from "./dom.js";
import { isFile } from "./file.js";
import { footer, header } from "./frame.js";
import * as state from "./state.js";
import { asks, get, hidden, onVisit, visit } from "./state.js";
import { chosenLanguage, t, use } from "./text.js";
import { apply } from "./theme.js";

const modules = {
  functions: () => import("./functions.js"),
  gates: () => import("./gates.js"),
  softmax: () => import("./softmax.js"),
  depth: () => import("./depth.js"),
  time: () => import("./time.js"),
  race: () => import("./race.js"),
  study: () => import("./study.js"),
  examine: () => import("./examine.js"),
};
const loaded = () => modules[get("view") in modules ? get("view") : "functions"]();
const root = document.getElementById("view");
let leaving = new AbortController();
let lang = "";
let clicked = null;

async function start() {
  lang = chosenLanguage(get("lang"));
  speak(lang);
  document.documentElement.lang = lang;
  apply();
  document.documentElement.classList.toggle("embedded", get("embed") === "1");
  const loading = loaded(); // beside the questions, not after them
  const questions = ["messages", "catalogue", "views"].map((name) => ask(name));
  const [sentences, groups, views] = await Promise.all(questions);
  use(sentences);
  state.use(views);
  catalogue.use(groups);
  document.querySelector(".skip").textContent = t("app.skip");
  await loading;
  await show();
}

async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const name = state.view();
  document.title = `${t(`nav.${name}`)} · nonlin`;
  if (!isFile) header(document.getElementById("header"), name);
  footer(document.getElementById("footer"));
  root.dataset.view = name;
  root.removeAttribute("data-ready");
  const { view } = await loaded();
  if (signal.aborted) return;
  root.replaceChildren();
  asks(() => ({ view: name }));
  view(root, signal);
  hideParts();
  root.dataset.ready = name;
  refocus();
}

// The parts that `?hide=` names, now and when more of the page is built.
function hideParts() {
  const gone = hidden();
  document.documentElement.dataset.hide = [...gone].join(" ");
}

// A link within the page changes the view without a new page; one that is opened in a new tab works
// just as well, for the URL is the whole state.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='?']");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  clicked = link;
  visit(link.getAttribute("href"));
});

// The view is built anew: the focus goes to the link that was followed, in its new place.
function refocus() {
  if (!clicked) return;
  const words = clicked.textContent;
  const same = [...document.querySelectorAll("a[href^='?']")].find((each) => each.textContent === words);
  (same ?? root).focus({ preventScroll: true });
  if (clicked.closest("nav, .questions")) scrollTo(0, 0);
  announce(document.title);
  clicked = null;
}

onVisit(() => {
  apply();
  (chosenLanguage(get("lang")) === lang ? show() : start()).catch(fail);
});

function fail(error) {
  root.replaceChildren(problem(error.message));
}

start().catch(fail);
