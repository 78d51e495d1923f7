"""The two languages say the same things, and the environment chooses between them."""

import json
from importlib.resources import files

import pytest
from sentences import glued, placeholders

from nonlin import messages


def flat(lang):
    def walk(node, path):
        if isinstance(node, dict):
            for key, child in node.items():
                yield from walk(child, (*path, key))
        else:
            yield ".".join(path), node

    source = files(messages).joinpath(f"{lang}.json").read_text(encoding="utf-8")
    return dict(walk(json.loads(source), ()))


def test_both_languages_have_the_same_keys():
    assert set(flat("en")) == set(flat("ko"))


def test_every_sentence_has_the_same_placeholders_in_both_languages():
    korean = flat("ko")
    different = {
        key: (placeholders(sentence), placeholders(korean[key]))
        for key, sentence in flat("en").items()
        if placeholders(sentence) != placeholders(korean[key])
    }
    assert different == {}


@pytest.mark.parametrize("lang", messages.languages())
def test_no_sentence_is_empty(lang):
    assert [key for key, sentence in flat(lang).items() if not sentence.strip()] == []


@pytest.mark.parametrize("lang", messages.languages())
def test_every_placeholder_has_a_name(lang):
    nameless = [key for key, text in flat(lang).items() if "" in placeholders(text)]
    assert nameless == []


def test_no_particle_is_glued_to_a_placeholder():
    assert {key: s for key, s in flat("ko").items() if glued(s)} == {}


@pytest.mark.parametrize(
    "sentence",
    ["{x}은 큽니다", "{x:.2f}로 바꿉니다", "`{x}`을 찾습니다", "{x}며 {y}", "값 {x}와", "{x}까지"],
)
def test_a_glued_particle_is_found(sentence):
    assert glued(sentence)


@pytest.mark.parametrize(
    "sentence", ["{n}개 층", "{n}가지 함수", "{{x}}는 {y} 이하", "{x} 값은", "{x}이고"]
)
def test_counters_plain_braces_and_the_copula_are_not_particles(sentence):
    assert not glued(sentence)


@pytest.mark.parametrize(
    ("lc_all", "lang", "chosen"),
    [
        ("ko_KR.UTF-8", "en_US.UTF-8", "ko"),
        ("", "ko_KR.UTF-8", "ko"),
        (None, "ko_KR.eucKR@x", "ko"),
        (None, "ko", "ko"),
        ("C.UTF-8", "ko_KR.UTF-8", "en"),
        ("POSIX", None, "en"),
        (None, "C", "en"),
        (None, "fr_FR.UTF-8", "en"),
        (None, "kok_IN", "en"),  # Konkani, whose code begins like Korean's
        (None, None, "en"),
    ],
)
def test_the_locale_chooses(monkeypatch, lc_all, lang, chosen):
    for name, value in (("LC_ALL", lc_all), ("LANG", lang)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert messages.language() == chosen


def test_the_explicit_language_wins(monkeypatch):
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert messages.language("en") == "en"


def test_an_unknown_language_is_refused_with_the_choices():
    with pytest.raises(ValueError, match=r"unknown language 'fr': expected one of en, ko"):
        messages.language("fr")


def test_text_fills_its_placeholders():
    assert messages.text("figures.derivative", "ko", name="ELU") == "ELU: 도함수"


@pytest.mark.parametrize("key", ["figures.nothing", "figures", "figures.value.deeper", ""])
def test_an_unknown_key_is_named(key):
    with pytest.raises(KeyError, match=f"^{key!r}$"):
        messages.text(key, "en")


def test_a_missing_value_is_named():
    with pytest.raises(KeyError, match="name"):
        messages.text("figures.derivative", "en")
