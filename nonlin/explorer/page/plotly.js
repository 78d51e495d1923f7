// Plotly, which comes with the server. It is large: it loads beside everything else, from the start,
// and the controls stand before it has come.

export const plotly = new Promise((resolve, reject) => {
  const script = document.createElement("script");
  const done = (settle) => () => {
    delete document.getElementById;
    settle(window.Plotly);
  };
  script.src = "plotly.min.js";
  script.addEventListener("load", done(resolve));
  script.addEventListener("error", done(reject));
  document.getElementById = present;
  document.head.append(script);
});
plotly.catch(() => {}); // who draws is told

// As it loads, the part of Plotly that draws maps writes styles into the page, which the page's
// policy forbids. It looks first whether they are there, by an id of 64 hexadecimal digits: they are.
function present(id) {
  return /^[0-9a-f]{64}$/.test(id) ? document.head : Document.prototype.getElementById.call(document, id);
}
