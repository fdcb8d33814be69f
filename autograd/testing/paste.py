"""A failing check as a line to paste into a test."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.testing.subject import Subject

_MOST = 300  # numbers written out


class _Text:
    """What writes itself as a given text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def call_text(subject: Subject, options: str = "") -> str:
    """The call that repeats a check at the subject's point; empty where it holds too many numbers to write out.

    Args:
        options: keyword arguments of the call, as text.
    """
    if subject.size + sum(leaf.data.size for leaf in subject.integers) > _MOST:
        return ""
    leaves = [_Text(leaf_text(data, leaf.kind)) for leaf, data in zip(subject.leaves, subject.arrays, strict=True)]
    integers = [_Text(array_text(leaf.data)) for leaf in subject.integers]
    structure = getattr(subject, "structure", None)
    filled: list[Any] = leaves if structure is None else structure.filled(leaves, integers)
    if any(isinstance(arg, np.ndarray) and arg.size > _MOST for arg in filled):
        return ""
    args = [array_text(arg) if _is_plain_array(arg) else repr(arg) for arg in filled]
    if structure is not None and structure.wrt is not None:
        args.append(f"wrt={structure.wrt!r}")
    return subject.call_text().format(", ".join([*args, *([options] if options else [])]))


def _is_plain_array(arg: Any) -> bool:
    return isinstance(arg, np.ndarray) and arg.dtype.kind in "biuf"


def leaf_text(data: Any, kind: str) -> str:
    """One leaf as Python source."""
    if kind == "value":
        return f"Value({float(data)!r})"
    if kind == "float":
        return repr(float(data))
    return f"Tensor({array_text(data)})" if kind == "tensor" else array_text(data)


def array_text(data: Any) -> str:
    """An array as Python source, with every digit that it needs."""
    dtype = "" if data.dtype in (np.float64, np.int64) else f", dtype=np.{data.dtype}"
    if not data.size:
        return f"np.zeros({data.shape}{dtype})"
    numbers = repr(data.astype(np.float64).tolist() if data.dtype.kind == "f" else data.tolist())
    numbers = numbers.replace("nan", "np.nan").replace("inf", "np.inf")
    return f"np.array({numbers}{dtype})"
