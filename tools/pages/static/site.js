// What the theme leaves undone for the keyboard and for screen readers.
const NAMES = {
  en: {
    ".sidebar-drawer": "Pages",
    ".toc-drawer": "On this page",
    ".theme-toggle": "Light, dark or as the system",
  },
  ko: {
    ".sidebar-drawer": "쪽 목록",
    ".toc-drawer": "이 쪽의 차례",
    ".theme-toggle": "밝게, 어둡게 또는 시스템 설정대로",
  },
};
const BOXES = "pre, .table-wrapper, .cell_output .output";

/** What is wider than its box scrolls, with the keyboard too. */
function reachable(box) {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
}

document.addEventListener("DOMContentLoaded", () => {
  const names = NAMES[document.documentElement.lang] ?? NAMES.en;
  for (const [selector, name] of Object.entries(names)) {
    for (const each of document.querySelectorAll(selector)) each.setAttribute("aria-label", name);
  }
  const resized = new ResizeObserver((entries) => entries.forEach(({ target }) => reachable(target)));
  for (const box of document.querySelectorAll(BOXES)) resized.observe(box);
});
