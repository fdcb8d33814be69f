"""What stepping, looking for the origin of a NaN and the check of hand calculations refuse."""

from __future__ import annotations

import autograd as ag
from autograd import AnomalyError, GraphError, ShapeError, Value
from tests.autograd.error_table import Row, V, X

CONSTANT = Value(1.0, label="c", requires_grad=False)


def log_of_zero() -> None:
    with ag.detect_anomaly():
        Value(0.0, label="p").log()


TABLE: dict[str, list[Row]] = {
    "backward_steps": [
        (lambda: next(ag.backward_steps(3.0)), TypeError, "backward: takes a Value or a Tensor, not float"),
        (lambda: next(ag.backward_steps(CONSTANT)), GraphError, "backward: 'c' requires no gradient"),
        (lambda: next(ag.backward_steps(X * 2.0)), GraphError, r"backward.*shape \(2, 3\).*\.sum\(\)"),
        (lambda: next(ag.backward_steps(V * 2.0, "x")), ShapeError, "backward.*one number, not 'x'"),
    ],
    "forward_steps": [
        (lambda: ag.forward_steps(3.0), TypeError, "takes a Value or a Tensor, not float"),
    ],
    "Walk": [
        (lambda: ag.Walk(CONSTANT), GraphError, "backward: 'c' requires no gradient"),
        (lambda: ag.Walk(V * 2.0).goto(99), IndexError, "goto: there is no step 99; the pass has 2 steps"),
        (lambda: ag.Walk(V * 2.0).break_at("conv"), ValueError, "no scope and no operation.*'conv'.*multiply"),
    ],
    "Breakpoint": [
        (lambda: ag.Walk(V * 2.0).run(until=3), TypeError, "stops at a node, a scope.*not at int"),
    ],
    "nonfinite_origin": [
        (lambda: ag.nonfinite_origin(3.0), TypeError, "takes a Value or a Tensor, not float"),
    ],
    "detect_anomaly": [
        (log_of_zero, AnomalyError, r"log.*log\(0\) = −∞.*'?p'?.*remedy"),
    ],
    "check_by_hand": [
        (lambda: ag.check_by_hand(3.0, {}), TypeError, "check_by_hand: takes a Value or a Tensor as its root"),
        (lambda: ag.check_by_hand(V * 2.0, {"zz": 1.0}), GraphError, "check_by_hand: no node is called 'zz'"),
        (lambda: ag.check_by_hand(V * 2.0, 3.0), TypeError, "check_by_hand: answers are a dict"),
    ],
}
