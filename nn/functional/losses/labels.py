"""Integer labels of classes: which class of the scores each example has."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import DTypeError, Node, ShapeError
from autograd.functions import getitem
from nn.functional.arguments import Numbers, check_one_kind, numbers
from nn.functional.losses.shared import constants


def class_scores(function: str, input: Any) -> Numbers:
    """The input in standard form.

    Raises:
        ShapeError: it has no classes.
    """
    x = numbers(function, "input", input)
    if not x.ndim or not x.shape[class_axis(x)]:
        raise ShapeError(
            f"{function}: input must have shape (N, C, ...) or (C,) with at least one class, not {x.shape}"
        )
    return x


def class_axis(x: Numbers) -> int:
    """0 for (C,), else 1."""
    return 0 if x.ndim == 1 else 1


def without_classes(x: Numbers) -> tuple[int, ...]:
    """The shape of x without its classes: that of its labels."""
    axis = class_axis(x)
    return tuple(x.shape[:axis] + x.shape[axis + 1 :])


def integer_labels(target: Any) -> Any:
    """The labels as an integer array; None where the target is of another kind, which is that of probabilities."""
    if isinstance(target, Node):
        return None
    try:
        array = np.asanyarray(target)
    except (ValueError, DTypeError):
        return None
    return array if array.dtype.kind in "iu" else None


def checked_labels(function: str, target: Any, x: Numbers) -> Any:
    """The labels as an integer array of the shape of x without its classes.

    Raises:
        DTypeError: they are not integers.
        ShapeError: their shape is another.
    """
    labels = integer_labels(target)
    if labels is None:
        raise not_integers(function, target)
    expected = without_classes(x)
    if labels.shape != expected:
        remedy = "; make class probabilities floating-point" if labels.shape == x.shape else ""
        raise ShapeError(
            f"{function}: integer labels for input of shape {x.shape} must have shape {expected}, not {labels.shape}"
            + (remedy if function == "cross_entropy" else "")
        )
    return labels


def not_integers(function: str, target: Any) -> DTypeError:
    """The error for labels of another kind."""
    if isinstance(target, Node):
        return DTypeError(
            f"{function}: labels must be integers, not {target.data.dtype}; convert them with .data.astype(int)"
        )
    return DTypeError(
        f"{function}: labels must be integers, not {np.asarray(target).dtype}; "
        f"convert them with np.asarray(target).astype(int)"
    )


def checked_range(function: str, labels: Any, x: Numbers) -> None:
    """Raise `ValueError` for a label that names no class of x."""
    classes = x.shape[class_axis(x)]
    outside = labels[(labels < 0) | (labels >= classes)]
    if outside.size:
        raise ValueError(
            f"{function}: label {outside.flat[0]} is outside 0 to {classes - 1}, the {classes} classes of the input "
            f"of shape {x.shape}; drop or renumber it"
        )


def chosen(x: Numbers, labels: Any) -> Numbers:
    """Each example's element of its label: (N, C, d1, ...) -> (N, d1, ...)."""
    places = np.indices(labels.shape, sparse=True)
    axis = class_axis(x)
    return getitem(x, (*places[:axis], labels, *places[axis:]))


def class_weights(function: str, weight: Any, x: Numbers) -> Numbers:
    """A weight for each class of x.

    Raises:
        ShapeError: there are more or fewer weights than classes.
    """
    w = constants(function, "weight", weight, x)
    check_one_kind(function, input=x, weight=w)
    classes = x.shape[class_axis(x)]
    if w.shape != (classes,):
        raise ShapeError(
            f"{function}: weight must have shape ({classes},), one number for each class of the input of shape "
            f"{x.shape}, not {w.shape}"
        )
    return w
