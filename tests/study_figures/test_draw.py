"""What all figures of the study promise: legible, in two languages, the same bytes every time."""

import re

import pytest

from nonlin.figures import fonts
from nonlin.study_figures import PHENOMENA, draw, save

matplotlib = pytest.importorskip("matplotlib")
has_korean_font = pytest.mark.skipif(
    fonts.korean_font() is None, reason="no font with Korean letters is installed"
)


def texts(figure):
    from matplotlib.text import Text

    return [text for text in figure.findobj(Text) if text.get_text().strip()]


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_a_figure_is_readable_at_a_phones_width(phenomenon, examples, lang):
    figure = draw(phenomenon, examples[phenomenon], lang)
    figure.draw_without_rendering()
    assert figure.get_figwidth() == 6
    assert min(text.get_fontsize() for text in texts(figure)) >= 9


@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_no_text_leaves_the_figure(phenomenon, examples):
    figure = draw(phenomenon, examples[phenomenon], "en")
    figure.draw_without_rendering()
    width, height = figure.bbox.size
    for axes in figure.axes:
        for text in (axes.title, axes.xaxis.label, axes.yaxis.label, axes.get_legend()):
            if text in texts(figure) or text is axes.get_legend() is not None:
                box = text.get_window_extent()
                assert box.x0 >= -1, text
                assert box.x1 <= width + 1, text
                assert 0 <= box.y0 <= box.y1 <= height, text


@has_korean_font
@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_korean_figures_speak_korean(phenomenon, examples):
    written = " ".join(
        text.get_text() for text in texts(draw(phenomenon, examples[phenomenon], "ko"))
    )
    assert re.search("[가-힣]", written)


@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_without_outcomes_there_is_no_figure(phenomenon):
    assert draw(phenomenon, {}, "en") is None


@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_a_part_of_the_claims_is_drawn_alone(phenomenon, examples):
    for claim, found in examples[phenomenon].items():
        if claim != "R1":  # ReLU reaches its bound, and no other end of it is finite
            assert draw(phenomenon, {claim: found}, "en").axes


@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_the_same_outcomes_give_the_same_bytes(phenomenon, examples, tmp_path):
    files = [
        save(draw(phenomenon, examples[phenomenon], "en"), tmp_path / name / phenomenon, dpi=50)
        for name in "ab"
    ]
    first, second = ([file.read_bytes() for file in pair] for pair in files)
    assert [file.suffix for file in files[0]] == [".svg", ".png"]
    assert first == second


def test_settings_of_matplotlib_stay_as_they_were(examples):
    before = dict(matplotlib.rcParams)
    draw("probability", examples["probability"], "ko")
    assert dict(matplotlib.rcParams) == before


def test_an_unknown_phenomenon_is_refused():
    with pytest.raises(ValueError, match="unknown phenomenon 'colour': expected one of usage,"):
        draw("colour", {}, "en")
