"""What the demo prints: tables and sentences in plain ASCII, which every terminal and log can show."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from gradwalk.demo.findings import REQUIRED_ACCURACY, Digits, WorkedExample
from gradwalk.seed003 import Row

__all__ = ["digits_text", "worked_text"]

WIDTH = 88


def worked_text(worked: WorkedExample) -> str:
    """The gradients of the hand-worked network beside its document's, and the slips."""
    total = len(worked.rows)
    counts = (
        f"{worked.wrong} of {total} printed gradients are not the gradient, {worked.only_rounded} are off in the last "
        f"digit only, {worked.agreeing} agree. With the slips made on purpose, the same arithmetic gives "
        f"{worked.reproduced} of {total} printed numbers; without them, autograd's within {worked.largest_gap:.0e}."
    )
    descent = worked.descent
    fall = (
        f"A wrong gradient can point downhill: one step takes the loss from {descent.before:.4f} to "
        f"{descent.after_document:.4f} with the document's, to {descent.after_true:.4f} with the true one."
    )
    routes = [
        f"  through {route.through}: {route.upstream:z8.4f} x {route.local:z7.4f} = {route.product:z7.4f}  "
        f"{'in the document' if route.in_document else 'left out'}"
        for route in worked.routes
    ]
    slips = [_wrapped(f"{name}: {words}", hanging="    ") for name, words in worked.slips.items()]
    blocks = (
        [gradient_table(worked.rows)],
        [_wrapped(counts)],
        ["The slips", *slips],
        ["dE/do1_in is a sum over two ways", *routes],
        [_wrapped(fall)],
    )
    return "\n\n".join("\n".join(block) for block in blocks)


def gradient_table(rows: Sequence[Row]) -> str:
    """One line for each gradient.

    >>> print(gradient_table([Row("o1_in", -0.73636, "-0.3682", "cross terms"), Row("bh2", 0.0, "0", "")]))
    dE/d...   autograd's  document's  why it differs
    --------  ----------  ----------  --------------
    o1_in        -0.7364     -0.3682  cross terms
    bh2           0.0000           0  (agrees)
    """
    lines = [f"{'dE/d...':<8}  {'autograd' + chr(39) + 's':>10}  {'document' + chr(39) + 's':>10}  why it differs"]
    lines.append(f"{'-' * 8}  {'-' * 10}  {'-' * 10}  {'-' * 14}")
    lines += [f"{row.symbol:<8}  {row.true:>z10.4f}  {row.document:>10}  {row.slip or '(agrees)'}" for row in rows]
    return "\n".join(lines)


def digits_text(digits: Digits) -> str:
    """What the network learned, in one paragraph."""
    verdict = "as required" if digits.accuracy >= REQUIRED_ACCURACY else "too few"
    return _wrapped(
        f"{digits.correct} of {digits.split.test} held-out digits read rightly, {verdict} "
        f"({digits.summary.total:,} parameters, {len(digits.history)} epochs over {digits.split.train} images, "
        f"{digits.seconds:.1f} s)."
    )


def _wrapped(text: str, hanging: str = "") -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=hanging, break_on_hyphens=False)
