"""What the check of hand-made gradients refuses."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import GraphError, ShapeError, Value
from tests.autograd.support import leaf

A, B = Value(2.0, "a"), Value(3.0, "b")
L = A * B
W = leaf(np.ones((2, 3)), "w")
TOTAL = (W * W).sum()

TABLE: dict[str, list[tuple[Any, Any, str]]] = {
    "check_by_hand": [
        (lambda: ag.check_by_hand(3.0, {"a": 1}), TypeError, "check_by_hand: takes a Value or a Tensor.*not float"),
        (lambda: ag.check_by_hand(W * W, {"w": 1}), GraphError, r"check_by_hand: the root.*\(2, 3\).*\.sum\(\)"),
        (lambda: ag.check_by_hand(A.detach(), {"a": 1}), GraphError, "check_by_hand:.*requires no gradient"),
        (lambda: ag.check_by_hand(L, {"c": 1}), GraphError, "check_by_hand: no node is called 'c'; the graph has a, b"),
        (lambda: ag.check_by_hand(L, {"a": "two"}), ValueError, "check_by_hand: the answer 'two' for 'a' is no number"),
        (lambda: ag.check_by_hand(L, {"a": 1j}), TypeError, "check_by_hand: the answer for 'a' is a complex"),
        (lambda: ag.check_by_hand(L, {}), ValueError, "check_by_hand: there is no answer"),
        (lambda: ag.check_by_hand(L, 3.0), TypeError, "check_by_hand: answers are a dict"),
        (lambda: ag.check_by_hand(TOTAL, {"w": [1, 2]}), ShapeError, r"check_by_hand:.*\(2,\).*\(2, 3\).*'w\[1,2\]'"),
        (lambda: ag.check_by_hand(TOTAL, {"w[2,0]": 1}), GraphError, r"check_by_hand: 'w'.*\(2, 3\).*\(2, 0\)"),
        (lambda: ag.check_by_hand(L, [("a", 3), ("a", 3)]), ValueError, "check_by_hand: 'a' is answered twice"),
        (lambda: ag.check_by_hand(L, {"a": 3}, digits=1.5), ValueError, r"check_by_hand: digits=1\.5"),
    ],
}
