import xml.etree.ElementTree as ElementTree

import pytest

from nonlin.report.template import inline

SVG = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="432pt" height="259.2pt"
 viewBox="0 0 432 259.2" xmlns="http://www.w3.org/2000/svg" version="1.1">
 <metadata><date>2001-02-03</date></metadata>
 <defs><clipPath id="p1"><rect id="r" width="3" height="4"/></clipPath></defs>
 <g id="g1" clip-path="url(#p1)"><use xlink:href="#r"/></g>
</svg>
"""


def test_ids_and_their_uses_get_the_prefix():
    drawing = inline(SVG, "cost", "Cost")
    root = ElementTree.fromstring(drawing)
    ids = {element.get("id") for element in root.iter() if element.get("id")}
    assert ids == {"cost-p1", "cost-r", "cost-g1"}
    assert "url(#cost-p1)" in drawing
    assert 'xlink:href="#cost-r"' in drawing


def test_the_size_is_left_to_the_page_and_inner_sizes_stay():
    root = ElementTree.fromstring(inline(SVG, "cost", "Cost"))
    assert root.get("width") is None
    assert root.get("height") is None
    assert root.get("viewBox") == "0 0 432 259.2"
    assert 'width="3" height="4"' in inline(SVG, "cost", "Cost")


def test_prologue_and_metadata_go():
    drawing = inline(SVG, "cost", "Cost")
    assert drawing.startswith("<svg")
    assert "DOCTYPE" not in drawing
    assert "2001-02-03" not in drawing


def test_the_label_is_read_aloud_whatever_letters_it_has():
    root = ElementTree.fromstring(inline(SVG, "cost", 'a < b & "c"'))
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'a < b & "c"'


def test_what_is_no_drawing_is_refused():
    with pytest.raises(ValueError, match="expected an SVG file, got 'PNG'"):
        inline("PNG", "cost", "Cost")
