"""`gradwalk check`: whether a function's derivative is right."""

from __future__ import annotations

import argparse
import warnings
from typing import Any

from gradwalk.commands.target import FORM, CommandError, call, load

WRONG, UNDECIDED = 1, 3


def add_check(commands: Any) -> None:
    """Declare `gradwalk check`."""
    parser = commands.add_parser(
        "check",
        help="hold a function's derivative against differences",
        description="Checks the gradient of a function of arrays, or a backward pass that was written by hand. Exit "
        f"status: 0 right, {WRONG} wrong, {UNDECIDED} nothing could be decided.",
    )
    parser.add_argument("target", metavar="TARGET", help=f"{FORM}: a function of nodes; with --backward, of arrays")
    parser.add_argument("--backward", metavar="TARGET", help="the backward pass that was written by hand for it")
    parser.add_argument("--shape", action="append", default=[], type=_shape, metavar="N,M",
                        help="of one input, which is drawn at random; once for each; () is a number")  # fmt: skip
    parser.add_argument("--inputs", metavar="TARGET", help="a function that returns the inputs, instead of --shape")
    parser.add_argument("--order", type=int, choices=(1, 2), default=1, help="2 checks second derivatives too")
    parser.add_argument("--explore", choices=("none", "quick", "full"), default="quick",
                        help="other inputs too: zeros, ties, scales; full searches with hypothesis")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of every random number (default: 0)")
    parser.set_defaults(run=_check)


def _shape(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.strip("() ").split(",") if part.strip())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no shape, as 2,3 is") from None


def _check(options: argparse.Namespace) -> int:
    from autograd.testing import check_backward, check_grad

    function, inputs = load(options.target), _inputs(options)
    if not callable(function):
        raise CommandError(f"{options.target} is no function")
    explore = {"none": False, "quick": True, "full": "hypothesis"}[options.explore]
    common: dict[str, Any] = {"explore": explore, "raises": False, "seed": options.seed}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the report says it
        if options.backward:
            backward = load(options.backward)
            report, _ = call(options.target, lambda: check_backward(function, backward, *inputs, **common))
        else:
            report, _ = call(options.target, lambda: check_grad(function, *inputs, order=options.order, **common))
    print(report)
    return {"pass": 0, "fail": WRONG}.get(report.verdict, UNDECIDED)


def _inputs(options: argparse.Namespace) -> tuple[Any, ...]:
    import numpy as np

    if options.inputs and options.shape:
        raise CommandError("give the inputs by --inputs or by --shape, not by both")
    if options.inputs:
        made, _ = call(options.inputs, load(options.inputs))
        return tuple(made) if isinstance(made, tuple | list) else (made,)
    if not options.shape:
        raise CommandError("check needs inputs: --shape 2,3 for each, or --inputs with a function that returns them")
    rng = np.random.default_rng(options.seed)
    return tuple(rng.normal(size=shape) for shape in options.shape)
