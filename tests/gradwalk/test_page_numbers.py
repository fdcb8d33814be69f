"""The numbers on the page are the computed ones."""

import re
from dataclasses import replace

import numpy as np
import pytest

from gradwalk import seed003
from gradwalk.demo.findings import Findings
from gradwalk.demo.worked_example import work_example
from gradwalk.page import render
from gradwalk.page.wording import percent
from tests.gradwalk.page_reader import Run, by_class, by_id, number, tree, words


def test_every_gradient_stands_beside_the_documents(run: Run) -> None:
    table = by_class(tree(run.page), "gradients")[0]
    shown = {
        row.get("data-symbol"): [words(cell) for cell in row.findall("td")]
        for row in table.iter("tr")
        if row.get("data-symbol")
    }
    assert list(shown) == list(seed003.DOCUMENT["gradients"])
    nodes = seed003.network(convolution=True)
    nodes["E_total"].backward()
    for symbol, (true, document, _, why) in shown.items():
        assert number(true) == pytest.approx(nodes[symbol].grad, abs=5.1e-5), symbol
        assert document.replace("\N{MINUS SIGN}", "-") == seed003.DOCUMENT["gradients"][symbol]
        agrees = abs(number(true) - number(document)) < 5e-5
        assert (why == "agrees") == agrees, symbol


def test_every_slip_is_named_explained_and_counted(run: Run) -> None:
    root = tree(run.page)
    terms = by_class(root, "slips")[0]
    explained = {words(term): words(text) for term, text in zip(terms.findall("dt"), terms.findall("dd"), strict=True)}
    rows = seed003.comparison()
    for name, explanation in seed003.SLIPS.items():
        count = sum(name in row.slip for row in rows)
        assert explained[f"{name} {count} gradients"].split()[:8] == explanation.replace("'", "’").split()[:8]
        links = [e for e in root.iter("a") if e.get("href") == "#slip-" + name.replace(" ", "-")]
        assert len(links) == count


def test_the_verdict_counts_what_the_table_shows(run: Run) -> None:
    root = tree(run.page)
    reasons = [
        words(row.findall("td")[3]) for row in by_class(root, "gradients")[0].iter("tr") if row.get("data-symbol")
    ]
    wrong = sum(reason not in ("agrees", "rounding") for reason in reasons)
    assert words(by_class(root, "figure")[0]) == f"{wrong} of {len(reasons)}"
    assert f"{wrong} are not the gradient; {reasons.count('rounding')} are off in the last digit only, and " in words(
        root
    )
    assert f"{len(reasons)} of {len(reasons)} printed numbers to the last digit" in words(root)


def test_the_hand_arithmetic_is_compared_and_not_taken_on_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    worked = work_example()
    assert (worked.reproduced, worked.wrong, worked.only_rounded, worked.agreeing) == (30, 21, 2, 7)
    by_hand = seed003.hand_gradients
    monkeypatch.setattr(seed003, "hand_gradients", lambda slips=tuple(seed003.SLIPS): by_hand(slips) | {"x1": 0.5})
    changed = work_example()
    assert changed.reproduced == 29
    assert changed.largest_gap == pytest.approx(0.5 + 0.0736, abs=1e-4)


def test_the_two_ways_add_up_to_the_gradient() -> None:
    worked = work_example()
    (true,) = (row.true for row in worked.rows if row.symbol == "o1_in")
    (document,) = (float(row.document) for row in worked.rows if row.symbol == "o1_in")
    assert sum(route.product for route in worked.routes) == pytest.approx(true, rel=1e-12)
    assert [route.product for route in worked.routes if route.in_document] == [pytest.approx(document, abs=5e-5)]


def test_one_step_along_either_gradient() -> None:
    descent = work_example().descent
    assert descent.before == pytest.approx(0.91833, abs=1e-5)
    assert f"{descent.after_document:.4f}" == seed003.DOCUMENT["second forward"]["E_total"]
    assert descent.after_true < descent.after_document


def test_the_confusion_matrix_is_the_computed_one_and_gives_the_accuracy_shown(run: Run) -> None:
    root, digits = tree(run.page), run.findings.digits
    rows = [[int(words(cell)) for cell in row.findall("td")] for row in by_id(root, "confusion").find("tbody")]
    confusion = np.array(rows)
    assert (confusion == digits.confusion).all()
    assert confusion.sum() == digits.split.test == 359
    assert (confusion.sum(axis=1) > 30).all()  # by row stands the true digit, of which each has its share
    assert percent(np.trace(confusion) / confusion.sum()) == words(by_class(root, "figure")[1]).replace(" ", "\xa0")
    assert f"{np.trace(confusion)} rightly" in words(root)


def test_the_wrong_digits_are_those_beside_the_diagonal(run: Run) -> None:
    root, digits = tree(run.page), run.findings.digits
    cards = by_class(root, "gallery")[0].findall("li")
    read = [tuple(map(int, re.findall(r"\d", words(card))[:2])) for card in cards]
    assert read == [(mistake.predicted, mistake.true) for mistake in digits.mistakes]
    counts = np.zeros((10, 10), dtype=int)
    for predicted, true in read:
        counts[true, predicted] += 1
    assert (counts == digits.confusion - np.diag(np.diag(digits.confusion))).all()
    squares = [sum(path.get("d").count("M") for path in card.iter("path")) for card in cards]
    assert squares == [int((mistake.image > 0).sum()) for mistake in digits.mistakes]


def test_more_mistakes_than_fit_are_counted(run: Run) -> None:
    digits = run.findings.digits
    many = replace(digits, mistakes=[digits.mistakes[0]] * 100)
    root = tree(render(replace(run.findings, digits=many)))
    assert len(by_class(root, "gallery")[0].findall("li")) == 36
    assert "And 64 more" in words(root)


def test_no_mistake_at_all(run: Run) -> None:
    digits = run.findings.digits
    perfect = replace(digits, mistakes=[], confusion=np.diag(digits.confusion.sum(axis=1)))
    text = words(tree(render(replace(run.findings, digits=perfect))))
    assert "There is none." in text
    assert "No digit was taken for another." in text
    assert "100.0 %" in text


def test_the_curve_shows_every_epoch(run: Run) -> None:
    root, history = tree(run.page), run.findings.digits.history
    rows = [[number(words(cell)) for cell in row] for row in by_id(root, "history").find("tbody")]
    assert len(rows) == len(history) == 2
    for epoch, row in enumerate(rows, start=1):
        state = history[epoch - 1]
        assert row[0] == epoch
        assert row[1:3] == pytest.approx([state.train_loss, state.test_loss], abs=5.1e-5)
        assert row[3:] == pytest.approx([100 * state.train_accuracy, 100 * state.test_accuracy], abs=0.11)
    lines = [line.get("points").split() for line in root.iter("polyline")]
    assert [len(points) for points in lines] == [2, 2, 2, 2]
    last = history[-1]
    ends = {words(label): float(label.find("text").get("y")) for label in by_class(root, "curve-label")}
    loss, accuracy = list(ends)[:2], list(ends)[2:]
    assert {f"training{last.train_loss:.3f}", f"held out{last.test_loss:.3f}"} == set(loss)
    assert [text.startswith("training") for text in loss] == [
        (last.train_loss > last.test_loss) == (place == 0) for place in (0, 1)
    ]
    assert {f"training{percent(last.train_accuracy)}", f"held out{percent(last.test_accuracy)}"} == {
        text.replace(" %", "\xa0%") for text in accuracy
    }


def test_the_kernels_are_told_by_their_weights(run: Run) -> None:
    root, digits = tree(run.page), run.findings.digits
    kernels = by_class(root, "kernel")
    told = [[number(text) for text in re.findall(r"[+−]?\d\.\d\d", kernel.get("aria-label"))] for kernel in kernels]
    pairs = np.stack([digits.kernels_before, digits.kernels_after], axis=1).reshape(-1, 9)
    assert told == [pytest.approx(list(kernel), abs=0.0051) for kernel in pairs]
    assert np.abs(digits.kernels_after - digits.kernels_before).max() > 0.05
    limit = max(np.abs(digits.kernels_before).max(), np.abs(digits.kernels_after).max())
    strongest = max(float(rect.get("fill-opacity") or 0) for kernel in kernels for rect in kernel.iter("rect"))
    assert strongest == 1.0
    assert [number(text) for text in re.findall(r"[+−]\d\.\d\d", words(by_class(root, "legend")[0]))] == [
        pytest.approx(-limit, abs=0.0051),
        pytest.approx(limit, abs=0.0051),
    ]


def test_signs_are_told_by_colour_and_mark_alike(run: Run) -> None:
    root, digits = tree(run.page), run.findings.digits
    first = by_class(root, "kernel")[0]
    colours = [rect.get("class") for rect in first.iter("rect")][1:]
    assert colours == ["positive" if weight > 0 else "negative" for weight in digits.kernels_before[0, 0].flat]


def test_the_layers_are_those_of_the_model(run: Run) -> None:
    root, digits = tree(run.page), run.findings.digits
    table = by_class(by_class(root, "layers")[0], "plain")[0]
    counts = [int(number(words(row.findall("td")[-1]))) for row in table.find("tbody")]
    assert counts == [row.parameters for row in digits.summary.rows]
    assert sum(counts) == digits.summary.total == 5682
    assert words(table.find("tfoot")).endswith(f"{digits.summary.total:,}")


def test_a_missed_bar_is_said(run: Run) -> None:
    findings: Findings = run.findings
    assert not findings.accurate
    assert "misses the bar of 97 %" in words(tree(run.page))


def test_without_a_layout_engine_the_graph_is_text_and_the_remedy_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viz.render.shutil.which", lambda _: None)
    monkeypatch.setattr("viz.render.embedded_available", lambda: False)
    worked = work_example()
    assert worked.picture.svg == ""
    root = tree(render(replace(run.findings, worked=worked)))
    assert not by_class(root, "graph")
    assert "E_total" in words(by_class(root, "wide")[0].find("pre"))
    notice = words(by_class(root, "notice")[0])
    assert "Graphviz" in notice
    assert "pip install" in notice
