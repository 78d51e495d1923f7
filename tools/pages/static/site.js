// What the theme leaves undone for the keyboard and for screen readers.
const NAMES = {
  en: { ".sidebar-drawer": "Pages", ".toc-drawer": "On this page" },
  ko: { ".sidebar-drawer": "쪽 목록", ".toc-drawer": "이 쪽의 차례" },
};

document.addEventListener("DOMContentLoaded", () => {
  const names = NAMES[document.documentElement.lang] ?? NAMES.en;
  for (const [selector, name] of Object.entries(names)) {
    document.querySelector(selector)?.setAttribute("aria-label", name);
  }
  // Code that is wider than the page scrolls, with the keyboard too.
  for (const block of document.querySelectorAll("pre")) block.tabIndex = 0;
});
