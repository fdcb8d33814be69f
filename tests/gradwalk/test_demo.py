"""The demo as it is shipped: accurate enough, quick enough, and the same in every run."""

import time
from pathlib import Path

import numpy as np
import pytest

from gradwalk.cli import main
from tests.gradwalk.page_reader import by_class, tree, words

pytest.importorskip("sklearn", reason="the digits come with scikit-learn")

from gradwalk.demo.digits import train_digits


@pytest.mark.uncounted
def test_the_demo_reads_enough_digits_within_a_minute(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = time.perf_counter()
    assert main(["demo", "--out", str(tmp_path), "--quiet"]) == 0
    assert time.perf_counter() - start < 60
    root = tree((tmp_path / "index.html").read_text(encoding="utf-8"))
    shown = words(by_class(root, "figure")[1])
    assert float(shown.removesuffix(" %")) >= 97
    assert f"accuracy: {shown}" in capsys.readouterr().out
    assert "reaches the bar of 97 %" in words(root)


def test_one_seed_gives_one_network_and_another_another() -> None:
    first, second, other = (train_digits(seed, epochs=1, progress=False) for seed in (5, 5, 6))
    assert np.array_equal(first.kernels_after, second.kernels_after)
    assert np.array_equal(first.confusion, second.confusion)
    assert first.history == second.history
    assert not np.array_equal(first.kernels_before, other.kernels_before)


def test_mistakes_come_with_their_image_and_the_most_certain_first() -> None:
    import nn

    digits = train_digits(5, epochs=1, progress=False)
    images, labels = nn.load_digits(held_out=0.2, seed=5, dtype=np.float32).held_out
    certainty = [mistake.confidence for mistake in digits.mistakes]
    assert certainty == sorted(certainty, reverse=True)
    assert all(0.1 < share <= 1.0 for share in certainty)
    for mistake in digits.mistakes:
        matches = [
            label for image, label in zip(images[:, 0], labels, strict=True) if np.array_equal(image, mistake.image)
        ]
        assert matches == [mistake.true]
        assert mistake.predicted != mistake.true


def test_the_learning_rate_falls_along_a_cosine(monkeypatch: pytest.MonkeyPatch) -> None:
    import nn

    rates: list[float] = []
    step = nn.Adam.step

    def noted(self: nn.Adam) -> None:
        rates.append(self.lr)
        step(self)

    monkeypatch.setattr(nn.Adam, "step", noted)
    train_digits(0, epochs=2, progress=False)
    assert len(rates) == 2 * 90
    assert set(rates[:90]) == {0.005}
    assert rates[90:] == [pytest.approx(0.0025)] * 90
