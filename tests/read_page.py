"""A page of HTML, read for what it holds."""

from html.parser import HTMLParser

VOID = {"meta", "path", "use", "br", "hr", "img", "link", "input", "rect", "circle", "image"}


class Page(HTMLParser):
    """Every tag with its attributes, and whether the tags nest."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.open, self.words = [], [], []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    def all(self, name):
        return [attributes[name] for _, attributes in self.tags if name in attributes]

    @property
    def text(self):
        # Word joiners are no part of the sentences.
        return " ".join(" ".join(self.words).replace("\u2060", "").split())
