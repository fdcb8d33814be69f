"""Which functions a forward pass calls, with what arguments, and what they return."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any, NamedTuple

import nn.functional
from autograd import functions
from autograd.recording import next_serial
from nn.layers.linear import Flatten
from nn.layers.recurrent import RNN
from nn.saving.onnx.reading import registry

_OF_ARRAYS = ("getitem", "mean", "norm", "sort", "std")  # array functions that are one operator, or few


class Call(NamedTuple):
    """One call of a function of `nn.functional`, or of a layer or a step of an `OnnxModel` that is one operator."""

    name: str
    arguments: dict[str, Any]  # all of them by name, defaults too
    result: Any
    since: int  # when it began, on the clock of the nodes' ids


@contextmanager
def observed_calls() -> Iterator[list[Call]]:
    """A context that lists the calls that end in it, an inner one before the one that it is part of.

    It looks on as a profiler does: functions need no hook of their own, and training pays nothing for it. What Python
    hands a profiler are the arguments by name, however they were given.

    Raises:
        RuntimeError: a profiler is running, whose place this would take.
    """
    if sys.getprofile() is not None:
        raise RuntimeError("to_onnx: a profiler is running, whose place it needs for a moment; export outside of it")
    calls: list[Call] = []
    sys.setprofile(_watcher(calls))
    try:
        yield calls
    finally:
        sys.setprofile(None)


def _watcher(calls: list[Call]) -> Callable[[FrameType, str, Any], None]:
    names = _names_by_code()
    running: dict[FrameType, tuple[dict[str, Any], int]] = {}

    def watch(frame: FrameType, event: str, result: Any) -> None:
        if event == "call" and frame.f_code in names:
            running[frame] = dict(frame.f_locals), next_serial()
        elif event == "return" and frame in running:
            arguments, since = running.pop(frame)
            calls.append(Call(names[frame.f_code], arguments, result, since))

    return watch


@lru_cache(maxsize=1)
def _names_by_code() -> dict[CodeType, str]:
    watched: dict[str, Any] = {name: getattr(nn.functional, name) for name in nn.functional.__all__}
    watched |= {name: getattr(functions, name) for name in _OF_ARRAYS}
    watched |= {"Flatten": Flatten.forward, "recurrent": RNN.forward}  # the forward of GRU and LSTM too
    watched |= {"onnx_step": registry.run}
    return {inspect.unwrap(function).__code__: name for name, function in watched.items()}
