"""What the page makes of answers that do not come, or only in part."""

import pytest

from nonlin.messages import text

# An answer whose body begins and then ends by `failure`.
ASK = """async ([failure]) => {
  // The page runs one script; its modules, taken alone, have no sentences yet.
  const [{ ask }, { use }] = await Promise.all(
    ["api", "text"].map((name) => import(new URL(`page/${name}.js`, location.href))),
  );
  use(await (await fetch("api/messages?lang=en")).json());
  const leaving = new AbortController();
  window.fetch = async (address, { signal }) =>
    new Response(
      new ReadableStream({
        start(body) {
          body.enqueue(new TextEncoder().encode('{"curves": ['));
          signal.addEventListener("abort", () => body.error(signal.reason));
          if (failure === "cut") body.error(new TypeError("network error"));
          if (failure === "short") body.close();
        },
      }),
    );
  const answer = ask("curve", { f: "relu" }, { signal: leaving.signal });
  if (failure === "left") setTimeout(() => leaving.abort(), 20);
  return answer.then(
    () => "answered",
    (error) => [error.constructor.name, error.name, error.message],
  );
}"""


def test_a_view_that_is_left_while_an_answer_comes_gets_none(tab):
    page = tab({"view": "study"})
    kind, name, _ = page.evaluate(ASK, ["left"])
    assert (kind, name) == ("DOMException", "AbortError")


@pytest.mark.parametrize("failure", ["cut", "short"])
def test_half_an_answer_is_none(tab, failure):
    page = tab({"view": "study"})
    kind, _, message = page.evaluate(ASK, [failure])
    assert (kind, message) == ("Refused", text("explorer.app.unreachable", "en"))
