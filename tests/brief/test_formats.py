"""All formats render; the page asks nothing of a network and treats both sides alike."""

import re
import sys
from html.parser import HTMLParser

import pytest
from rich.console import Console

from detente.brief import Brief, numbers
from detente.errors import DetenteError

VOID = {"meta", "input", "br", "link", "img"}


class Reader(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.classes, self.ids, self.open, self.text = [], [], [], [], []
        self.refers = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        page = dict(attrs)
        self.links += [v for k, v in attrs if k in ("src", "href", "action", "data", "poster")]
        self.ids += [page["id"]] if "id" in page else []
        self.refers += re.findall(r"url\(#([^)]+)\)", page.get("fill") or "")
        if tag == "article":
            self.classes.append(page.get("class"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)


@pytest.fixture(scope="module")
def reader(html):
    return Reader(html)


def test_the_page_is_well_formed_and_asks_nothing_of_a_network(html, reader):
    assert reader.open == []
    assert reader.links
    assert all(link.startswith("#") for link in reader.links)
    head = html.split("<body>")[0]
    assert "url(" not in head.replace("url(#", "")
    assert "@import" not in html
    script = html.split('id="numbers">')[1].split("</script>", 1)[1]
    for word in ("fetch(", "XMLHttpRequest", "import(", "WebSocket", "http"):
        assert word not in script


def test_everything_that_is_referred_to_is_there(reader):
    assert len(reader.ids) == len(set(reader.ids))
    for link in reader.links:
        assert link[1:] in reader.ids
    for name in reader.refers:
        assert name in reader.ids


def test_both_sides_are_set_alike(html, page, reader):
    assert set(reader.classes) == {"claim"}
    for part in ("at a glance", "claim by claim"):
        assert re.findall(rf"<h3>The case (\w+), {part}</h3>", html) == ["for", "against"]
    glance = re.findall(r'<li><a href="#claim-(\w+)">', html)
    assert sorted(glance) == sorted(claim["id"] for claim in page["claims"])


def test_every_figure_of_the_content_is_on_the_page(page, reader):
    text = "".join(reader.text)
    for row in page["countries"]["rows"]:
        for figure in row["cells"].values():
            assert numbers.middle(figure) in text
            assert numbers.interval(figure) in text
    for claim in page["claims"]:
        assert claim["text"] in text
        for line in claim["lines"].values():
            assert line in text
    for scenario in page["headline"]["scenarios"]:
        for row in scenario["rows"]:
            assert all(numbers.interval(cell) in text for cell in row["cells"].values())
    for sentence in [*page["limits"], *page["caveats"], *page["lead"]]:
        assert sentence in text


def test_texts_of_a_scenario_cannot_become_markup(outcome):
    import dataclasses

    from detente.brief import write_brief

    bad = '</script><script>alert("x")</script>'
    manifest = outcome.manifest | {"scenarios": {
        name: page | {"title": bad, "why": bad} for name, page in
        outcome.manifest["scenarios"].items()}}  # fmt: skip
    found = write_brief(dataclasses.replace(outcome, manifest=manifest)).to_html()
    assert bad not in found
    assert Reader(found).open == []


def test_the_map_hatches_what_is_uncertain_and_carries_the_notice(html, page):
    assert "imply no opinion" in html
    unsure = sum(
        numbers.sign_of(cell) == "unsure"
        for row in page["countries"]["rows"]
        for cell in row["cells"].values()
    )
    assert unsure
    assert html.count('class="over" fill="url(#hatch)"') >= unsure


def test_markdown_and_notebook(brief, page):
    text = brief.to_markdown()
    assert text.startswith(f"# {page['title']}")
    for claim in page["claims"]:
        assert claim["text"] in text
    assert "not yet modelled" in text
    assert page["title"] in brief._repr_html_()
    assert "claims weighed" in repr(brief)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_terminal_shows_both_sides(brief, width):
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    brief.to_terminal(console)
    text = console.export_text()
    assert "11c" in text
    assert "undecided" in text or "holds" in text
    assert max(len(line) for line in text.splitlines()) <= width
    console.file.close()


def test_pdf(brief, tmp_path):
    pytest.importorskip("typst")
    path = brief.to_pdf(tmp_path / "brief.pdf")
    first = path.read_bytes()
    assert first.startswith(b"%PDF")
    assert brief.to_pdf(tmp_path / "again.pdf").read_bytes() == first
    assert not list(tmp_path.glob(".*"))


def test_pdf_without_the_typesetter_names_the_remedy(brief, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(DetenteError, match=r"detente\[pdf\]"):
        brief.to_pdf(tmp_path / "brief.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_brief_without_claims_has_no_terminal_table(brief):
    page = brief.page | {"claims": [], "not_modelled": []}
    console = Console(width=80, record=True, quiet=False, file=sys.stderr)
    Brief(page).to_terminal(console)
    assert "Claims weighed" not in console.export_text()
