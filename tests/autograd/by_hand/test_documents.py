"""The documents' own slips, found by themselves, from the printed numbers alone."""

from __future__ import annotations

import numpy as np

import nn.functional as F
from autograd.testing import check_by_hand
from gradwalk.seed003 import DOCUMENT, PARAMETERS, comparison, hand_gradients, network
from tests.autograd.support import leaf
from tests.seeds import seed_formulas as document

PRINTED = DOCUMENT["gradients"]


def test_document_003_s_slips_at_their_symbols() -> None:
    check = check_by_hand(network(convolution=True)["E_total"], PRINTED)
    slips = {row.symbol: row.slip for row in check if row.slip}
    assert slips == {"o1_in": "cross terms", "o2_in": "cross terms", "x1": "stray factor", "x2": "stray factor"}
    assert {row.symbol for row in check if row.verdict == "rounding"} == {"o1_out", "o2_out"}
    assert "0.2326" in check["x1"].explanation


def test_document_003_s_slips_are_carried_as_its_comparison_says() -> None:
    check = check_by_hand(network(convolution=True)["E_total"], PRINTED)
    for row in comparison():
        expected = [slip for slip in row.slip.split(", ") if slip not in ("", "rounding")]
        assert list(check[row.symbol].slips) == expected
        assert (check[row.symbol].verdict in ("right", "rounding")) == (not expected)


def test_document_003_without_its_slips_is_right() -> None:
    root = network(convolution=True)["E_total"]
    assert check_by_hand(root, hand_gradients(slips=())).right
    assert check_by_hand(root, {name: f"{x:.4f}" for name, x in hand_gradients(slips=()).items()}).right


def test_document_003_with_one_slip_at_a_time() -> None:
    root = network(convolution=True)["E_total"]
    check = check_by_hand(root, hand_gradients(slips=("cross terms",)))
    assert {row.slip for row in check if row.verdict == "wrong"} == {"cross terms"}
    check = check_by_hand(root, hand_gradients(slips=("stray factor",)))
    wrong = {row.symbol: row.slip for row in check if row.verdict == "wrong"}
    assert wrong == {"x1": "stray factor", "x2": "stray factor"}


def test_document_003_by_its_parameters_alone() -> None:
    """No gradient in between: all are halved by the softmax, those of the kernels hold the stray factor too."""
    check = check_by_hand(network(convolution=True)["E_total"], {name: PRINTED[name] for name in PARAMETERS})
    dense = [row for row in check if not row.symbol.startswith(("W1", "W2", "b_w")) and row.verdict == "wrong"]
    assert len(dense) == 7
    assert {row.slip for row in dense} == {"cross terms"}
    kernels = [row for row in check if row.symbol.startswith(("W1", "W2", "b_w")) and row.verdict == "wrong"]
    assert len(kernels) == 8
    assert {row.slip for row in kernels} <= {"", "stray factor"}  # two slips in one number, or no cause


def test_document_004_s_reversed_index_is_the_kernel_unrotated() -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        x, w, g = rng.normal(size=(4, 4)), rng.normal(size=(3, 3)), rng.normal(size=(4, 4))
        image, kernel = leaf(x[None, None], "x"), leaf(w[None, None], "w")
        root = (F.conv2d(image, kernel, padding=1) * g[None, None]).sum()
        layout = g[:, :, None], x[:, :, None], w[:, :, None, None]
        printed = document.conv_back_input(*layout, sign=-1)[:, :, 0]
        right, of_kernel, _ = document.conv_back(*layout)
        answers = {"x": printed[None, None].round(4), "w": of_kernel[None, None, :, :, 0, 0].round(4)}
        check = check_by_hand(root, answers)
        assert {row.slip for row in check if row.verdict == "wrong"} == {"kernel not rotated"}
        assert all(row.verdict == "right" for row in check if row.array == "w")
        assert check_by_hand(root, {"x": right[None, None, :, :, 0]}).right


def test_document_004_s_gate_is_left_open() -> None:
    x, g = np.array([-2.0, -0.5, 0.3, 0.5, 2.0]), np.array([0.11, -0.24, 0.3, -0.4, 0.5])
    root = (F.relu(leaf(x, "x")) * g).sum()
    check = check_by_hand(root, {"x": document.relu_back_as_printed(g, np.maximum(x, 0.0))})
    assert [row.slip for row in check] == ["closed gate left open"] * 2 + [""] * 3
    assert check_by_hand(root, {"x": document.relu_back(g, np.maximum(x, 0.0))}).right
