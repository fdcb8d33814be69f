"""What takes long says so where somebody looks, and nowhere else; the work is never the worse for it."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograd import progress
from autograd.progress import Progress, unsaid
from tests.autograd.progress.conftest import Terminal


def wait_for(terminal: Terminal, words: str) -> None:
    end = time.monotonic() + 20
    while words not in terminal.getvalue():
        assert time.monotonic() < end, f"{words!r} was not said, but {terminal.getvalue()!r}"
        time.sleep(0.002)


def test_the_work_and_how_far_it_is_are_said_and_taken_away(terminal: Terminal) -> None:
    with Progress("reading", total=4) as told:
        told.step("a.png")
        wait_for(terminal, "reading: a.png 0/4")
        told.step("b.png")
        told.step("c.png")
        wait_for(terminal, "reading: c.png 2/4")
    last = terminal.getvalue().rstrip("\r").rpartition("\r")[2]
    assert last.isspace()
    said = terminal.getvalue()
    time.sleep(0.05)
    assert terminal.getvalue() == said


def test_work_without_a_known_end_says_what_it_does(terminal: Terminal) -> None:
    with Progress("draw") as told:
        wait_for(terminal, "draw [0:00]")
        told.step("folding")
        wait_for(terminal, "draw: folding [0:00]")


def test_the_outermost_speaks_and_then_the_next(terminal: Terminal) -> None:
    with Progress("outer"):
        with Progress("inner"):
            wait_for(terminal, "outer")
        assert "inner" not in terminal.getvalue()
        time.sleep(0.05)
    with Progress("next"):
        wait_for(terminal, "next")
    assert "inner" not in terminal.getvalue()


def test_work_that_is_to_be_silent_is(terminal: Terminal) -> None:
    with unsaid(), Progress("inner"):
        time.sleep(0.1)
    assert terminal.getvalue() == ""
    with Progress("after it"):
        wait_for(terminal, "after it")


def test_silence_is_of_one_thread(terminal: Terminal) -> None:
    def work() -> None:
        with Progress("beside it"):
            wait_for(terminal, "beside it")

    with unsaid(), ThreadPoolExecutor(1) as others:
        others.submit(work).result()


def test_short_work_says_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_DELAY", 60.0)
    with Progress("short"):
        time.sleep(0.1)
    assert terminal.getvalue() == ""


def test_nothing_is_said_where_nobody_looks(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "isatty", lambda: False)
    with Progress("unseen"):
        time.sleep(0.1)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setenv("GRADWALK_PROGRESS", "0")
    with Progress("unwanted"):
        time.sleep(0.1)
    monkeypatch.delenv("GRADWALK_PROGRESS")
    monkeypatch.setattr(progress.sys, "stderr", None)  # as under pythonw
    with Progress("unseen"):
        pass
    assert terminal.getvalue() == ""


def test_a_notebook_is_looked_at(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()
    monkeypatch.setattr(progress.sys, "stderr", stream)
    with Progress("cell"):
        wait_for(stream, "cell")
    assert terminal.getvalue() == ""


def test_an_error_passes_and_takes_the_line_with_it(terminal: Terminal) -> None:
    def fail() -> None:
        with Progress("failing"):
            wait_for(terminal, "failing")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert terminal.getvalue().rstrip("\r").rpartition("\r")[2].isspace()
    with Progress("after it"):
        wait_for(terminal, "after it")


def test_work_goes_on_where_nothing_can_be_written(terminal: Terminal) -> None:
    with Progress("closed"):
        terminal.close()
        time.sleep(0.1)
    assert terminal.closed
    with Progress("closed"):
        pass


def test_a_forked_process_has_a_voice_of_its_own() -> None:
    pytest.importorskip("fcntl", reason="not on this platform: fork")
    program = (
        "import os, sys, time\n"
        "from autograd import progress\n"
        "progress._DELAY = 0.01\n"
        "class Terminal(type(sys.stderr)):\n    isatty = lambda self: True\n"
        "sys.stderr = Terminal(sys.stderr.buffer, 'utf-8', write_through=True)\n"
        "with progress.Progress('parent'):\n"
        "    time.sleep(0.5)\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        "        with progress.Progress('child'):\n            time.sleep(1.0)\n"
        "        os._exit(0)\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "parent" in ran.stderr
    assert "child" in ran.stderr
