"""Korean letters where a font has them, English ones and one message where none has."""

import warnings

import pytest

import nonlin as nl
from nonlin.figures import document_figures, fonts, plot

matplotlib = pytest.importorskip("matplotlib")
has_korean_font = pytest.mark.skipif(
    fonts.korean_font() is None, reason="no font with Korean letters is installed"
)


@pytest.fixture
def no_korean_font(monkeypatch):
    monkeypatch.setattr(fonts, "korean_font", lambda: None)
    fonts._say_that_no_font_was_found.cache_clear()
    yield
    fonts._say_that_no_font_was_found.cache_clear()


def texts(figure):
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text)]


@has_korean_font
def test_korean_letters_are_drawn_and_not_boxed():
    figure = plot(nl.relu, nl.elu, derivative=True, lang="ko")
    assert {"활성화 함수", "도함수"} <= set(texts(figure))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a letter that no font has
        assert figure._repr_png_().startswith(b"\x89PNG")


@has_korean_font
def test_the_korean_font_stands_behind_the_users_own():
    from matplotlib.text import Text

    families = {tuple(text.get_fontfamily()) for text in plot(nl.relu, lang="ko").findobj(Text)}
    assert families == {(*matplotlib.rcParams["font.family"], fonts.korean_font())}


def test_without_a_korean_font_the_labels_are_english_and_one_message_says_so(
    no_korean_font, capsys, tmp_path
):
    figure = plot(nl.relu, nl.elu, derivative=True, lang="ko")
    document_figures(tmp_path, "ko", ["svg"])
    assert {"Activation functions", "Derivatives"} <= set(texts(figure))
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert message.startswith("한글 글꼴을 찾지 못하여")


def test_english_needs_no_korean_font(no_korean_font, capsys):
    plot(nl.relu, lang="en")
    assert capsys.readouterr().err == ""


def test_a_font_installed_since_matplotlib_listed_the_fonts_is_found(monkeypatch):
    from matplotlib import font_manager
    from matplotlib.font_manager import FontEntry

    manager = font_manager.FontManager.__new__(font_manager.FontManager)
    manager.ttflist = []
    manager.addfont = lambda path: manager.ttflist.append(FontEntry(fname=path, name="NanumGothic"))
    monkeypatch.setattr(font_manager, "fontManager", manager)
    found = ["/fonts/DejaVuSans.ttf", "/fonts/NanumGothic.ttf"]
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: found)
    assert fonts.korean_font.__wrapped__() == "NanumGothic"
    assert [font.fname for font in manager.ttflist] == ["/fonts/NanumGothic.ttf"]


def test_no_font_is_no_answer(monkeypatch):
    from matplotlib import font_manager

    manager = font_manager.FontManager.__new__(font_manager.FontManager)
    manager.ttflist = []
    monkeypatch.setattr(font_manager, "fontManager", manager)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: ["/fonts/DejaVuSans.ttf"])
    assert fonts.korean_font.__wrapped__() is None
