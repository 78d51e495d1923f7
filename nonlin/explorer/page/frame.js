// What stands around every view: the name, the ways to the views, language, theme, sharing.

import { button } from "./controls.js";
import { h, part } from "./dom.js";
import { offerLink, offerPython, pageAddress } from "./export.js";
import { isFile } from "./file.js";
import { questions } from "./presets.js";
import { address, get, views } from "./state.js";
import { t } from "./text.js";
import { flip, isDark } from "./theme.js";

export function header(element, current) {
  element.replaceChildren(
    h(
      "div",
      { class: "bar" },
      h(
        "a",
        {
          class: "brand",
          href: address({ lang: get("lang"), theme: get("theme") }, ""),
          "aria-label": t("app.home"),
        },
        "nonlin",
      ),
      h(
        "nav",
        { "aria-label": t("nav.label") },
        views().map((name) =>
          h(
            "a",
            {
              href: address({ view: name, preset: null }),
              "aria-current": name === current ? "page" : null,
            },
            t(`nav.${name}`),
          ),
        ),
      ),
      h("div", { class: "bar-tools" }, language(), theme(), sharing(current)),
    ),
    part("questions", questions(current)),
  );
  const nav = element.querySelector("nav");
  inSight(nav, nav.querySelector("[aria-current]"));
}

/** On a phone the row of views scrolls: the current one comes to its middle. */
function inSight(row, link) {
  const [around, own] = [row, link].map((each) => each.getBoundingClientRect());
  row.scrollLeft += own.left + own.width / 2 - around.left - around.width / 2;
}

function language() {
  const other = document.documentElement.lang === "ko" ? "en" : "ko";
  return h(
    "a",
    { class: "tool", href: address({ lang: other }), lang: other, hreflang: other },
    other === "ko" ? "한국어" : "English",
  );
}

function theme() {
  const control = button(
    "",
    () => {
      flip();
      label();
    },
    { class: "tool" },
  );
  const label = () => {
    control.textContent = isDark() ? t("app.light") : t("app.dark");
  };
  label();
  return control;
}

function sharing(current) {
  const link = h(
    "a",
    {
      class: "item",
      href: "#",
      on: {
        click: () => {
          link.href = pageAddress();
        },
      },
      download: `nonlin-${current}.html`,
    },
    t("share.page"),
  );
  const items = [
    button(
      t("share.link"),
      () => {
        close();
        offerLink();
      },
      { class: "item" },
    ),
    button(
      t("share.python"),
      () => {
        close();
        offerPython();
      },
      { class: "item" },
    ),
    // What is examined is a log of the reader's, which has a button of its own.
    current !== "examine" && link,
  ];
  const menu = h(
    "details",
    {
      class: "menu",
      on: {
        keydown: (event) => {
          if (event.key === "Escape") {
            close();
            menu.firstChild.focus();
          }
        },
      },
    },
    h("summary", { class: "tool" }, t("share.title")),
    h("div", { class: "items" }, items),
  );
  const close = () => {
    menu.open = false;
  };
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close();
  });
  return menu;
}

export function footer(element) {
  const said = isFile
    ? [t("app.file")]
    : [t("app.footer"), " ", h("a", { href: "api/schema" }, t("app.schema"))];
  element.replaceChildren(h("p", {}, said));
}
