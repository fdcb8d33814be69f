"""The page's form: well made, self-contained, and told in words where it is told in pictures."""

import itertools
import re
import xml.etree.ElementTree as ET
from collections import Counter

import pytest

from gradwalk.page import render
from gradwalk.page.markup import element
from tests.gradwalk.page_reader import VOID, Run, Tags, by_class, tree, words


def test_every_element_is_closed_in_its_turn(run: Run) -> None:
    tags = Tags(run.page)
    assert tags.unbalanced == []
    assert tags.open == []
    assert {tag for tag, _ in tags.tags} & VOID == {"meta"}


def test_ids_are_unique_and_every_reference_finds_one(run: Run) -> None:
    attributes = [attrs for _, attrs in Tags(run.page).tags]
    ids = Counter(attrs["id"] for attrs in attributes if "id" in attrs)
    assert ids.most_common(1)[0][1] == 1
    assert len(ids) > 50  # the graph's own among them
    references = {attrs["href"][1:] for attrs in attributes if "href" in attrs}
    references |= {attrs["aria-labelledby"] for attrs in attributes if "aria-labelledby" in attrs}
    assert {"by-hand", "training", "mistakes", "making", "slip-cross-terms"} <= references <= set(ids)


def test_it_asks_for_nothing_from_elsewhere_and_runs_no_script(run: Run) -> None:
    text = run.page
    for forbidden in ("http:", "https:", "//", "<script", "<link", "<iframe", "@import", "url(", "javascript:"):
        assert forbidden not in text.replace("<!DOCTYPE html>", ""), forbidden
    for tag, attrs in Tags(text).tags:
        assert not {"src", "srcset", "data", "action"} & set(attrs), tag
        assert not [name for name in attrs if name.startswith("on")], tag
        assert (attrs.get("href") or "#").startswith("#"), attrs


def test_headings_lead_from_one_to_the_next(run: Run) -> None:
    root = tree(run.page)
    headings = [(int(e.tag[1]), words(e)) for e in root.iter() if re.fullmatch("h[1-6]", e.tag)]
    assert [text for level, text in headings if level == 1] == ["The chain rule, node by node"]
    assert len([text for level, text in headings if level == 2]) == 4
    for (before, _), (after, text) in itertools.pairwise(headings):
        assert after <= before + 1, text


def test_the_document_names_its_language_title_and_width(run: Run) -> None:
    root = tree(run.page)
    assert root.get("lang") == "en"
    assert words(root.find("head/title")).startswith("gradwalk")
    meta = {e.get("name"): e.get("content") for e in root.iter("meta")}
    assert meta["viewport"].startswith("width=device-width")
    assert meta["color-scheme"] == "light dark"
    assert "prefers-color-scheme: dark" in run.page
    assert "@media print" in run.page


def test_each_picture_is_told_in_words_or_hidden(run: Run) -> None:
    root = tree(run.page)
    pictures = list(root.iter("svg"))
    assert len(pictures) > 40
    named_by = {e.get("id"): words(e) for e in root.iter("title")}
    for picture in pictures:
        hidden = picture.get("aria-hidden") == "true"
        said = picture.get("aria-label") or named_by.get(picture.get("aria-labelledby"), "")
        assert hidden or (picture.get("role") == "img" and len(said) > 20), ET.tostring(picture)[:200]
    hidden = [e for e in pictures if e.get("aria-hidden") == "true"]
    assert len(hidden) == len(run.findings.worked.rows)  # the dots beside the numbers that they repeat


def test_each_table_has_headers_with_a_scope(run: Run) -> None:
    for table in tree(run.page).iter("table"):
        headers = list(table.iter("th"))
        assert headers
        assert all(header.get("scope") in ("col", "row", "rowgroup") for header in headers)


def test_every_class_that_the_page_uses_for_a_colour_is_in_the_style_sheet(run: Run) -> None:
    root = tree(run.page)
    style = words(root.find("head/style"))
    for name in (
        "graph",
        "gradients",
        "slip",
        "chart",
        "threshold",
        "kernel",
        "confusion",
        "gallery",
        "digit",
        "legend",
    ):
        assert by_class(root, name), name
        assert re.search(rf"\.{name}\b", style), name
    defined = set(re.findall(r"--[\w-]+(?=:)", style)) | {"--share"}
    assert set(re.findall(r"var\((--[\w-]+)\)", style)) <= defined
    dark = style.split("prefers-color-scheme: dark")[1].split("* {")[0]
    assert {"--page", "--panel", "--ink", "--blue", "--orange", "--leaf-fill"} <= set(
        re.findall(r"--[\w-]+(?=:)", dark)
    )


def test_text_is_escaped_wherever_it_comes_from(run: Run) -> None:
    from dataclasses import replace

    evil = "<script>alert('x')</script>&amp;\""
    worked = run.findings.worked
    rows = [row._replace(symbol=evil, slip=evil) for row in worked.rows]
    worked = replace(
        worked, rows=rows, slips={evil: evil}, picture=replace(worked.picture, svg="", text=evil, remark=evil)
    )
    digits = replace(run.findings.digits, recipe={evil: evil})
    page = render(replace(run.findings, worked=worked, digits=digits, versions={evil: evil}))
    assert "<script" not in page
    assert "&lt;script&gt;alert(" in page
    assert "&amp;amp;" in page
    tree(page)


@pytest.mark.parametrize("name", ["a b", "", "1st", "on<click", "x=y"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name of an element or attribute"):
        element(name)
    with pytest.raises(ValueError, match="no name of an element or attribute"):
        element("p", **{name: "x"})


def test_an_empty_element_takes_no_children() -> None:
    with pytest.raises(ValueError, match="always empty"):
        element("br", "text")
