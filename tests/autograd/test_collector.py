"""Pausing the garbage collector, and leaving it as it was."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from autograd import Value, collector_paused


@pytest.fixture(autouse=True)
def enabled() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_it_rests_inside_and_runs_after() -> None:
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with collector_paused():
        pass
    assert not gc.isenabled()


def test_an_error_ends_the_pause() -> None:
    with pytest.raises(ZeroDivisionError), collector_paused():
        Value(1.0) / (0 // 0)
    assert gc.isenabled()


def test_threads_overlap() -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with collector_paused():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    with collector_paused():
        thread.start()
        assert entered.wait(10)
    assert not gc.isenabled()
    leave.set()
    thread.join()
    assert gc.isenabled()


def test_a_graph_leaves_nothing_to_collect() -> None:
    gc.collect()
    with collector_paused():
        x = Value(0.5)
        y = x
        for _ in range(1000):
            y = (y * x + 1.0).tanh()
        y.backward()
        del x, y
    assert gc.collect() < 20
