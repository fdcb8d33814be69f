"""What stepping, looking for the origin of a NaN and the check of hand calculations refuse."""

from __future__ import annotations

import numpy as np

import autograd as ag
from autograd import AnomalyError, GraphError, ShapeError, Value
from tests.autograd.error_table import Row, V, X

CONSTANT = Value(1.0, label="c", requires_grad=False)


def log_of_zero() -> None:
    with ag.detect_anomaly():
        Value(0.0, label="p").log()


TABLE: dict[str, list[Row]] = {
    "backward_trace": [
        (lambda: ag.backward_trace(3.0), TypeError, "backward: takes a Value or a Tensor, not float"),
        (lambda: ag.backward_trace(CONSTANT), GraphError, "backward: 'c' requires no gradient"),
        (lambda: ag.backward_trace(V * 2.0).save("x.txt"), ValueError, "save: 'x.txt' ends in neither .json nor .csv"),
    ],
    "check_grad": [
        (lambda: ag.check_grad(ag.tanh), ValueError, "check_grad: nothing to differentiate.*give floats"),
        (lambda: ag.check_grad(ag.tanh, 3), ValueError, "check_grad: nothing to differentiate among the arguments"),
        (lambda: ag.check_grad(lambda x: None, 1.0), TypeError, "check_grad: <lambda> returned no node and no float"),
        (lambda: ag.check_grad(ag.tanh, 1.0, wrt=3), ValueError, "check_grad: wrt=3 is none of the arguments"),
        (lambda: ag.check_grad(ag.tanh, 1.0, order=3), ValueError, "check_grad: order=3 is neither 1 nor 2"),
        (lambda: ag.check_grad(3, 1.0), TypeError, "check_grad: takes a function, not int"),  # type: ignore[arg-type]
        (lambda: ag.check_grad(ag.tanh, 1.0, explore="no"), ValueError, "check_grad: explore='no' is none of"),
    ],
    "check_backward": [
        (lambda: ag.check_backward(np.tanh, np.tanh, "a"), ValueError, "nothing to differentiate among the arguments"),
        (lambda: ag.check_backward(np.tanh, None, 1.0), TypeError, "without a backward tanh has to return .loss"),
        (lambda: ag.check_backward(np.tanh, lambda d, x: (d, d), 1.0), TypeError, "the backward returned 2 gradients"),
    ],
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
