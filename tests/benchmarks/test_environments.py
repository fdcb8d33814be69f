"""Environments: made once, made again when what they should hold changes, and what is said when they cannot be made."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from benchmarks import environments
from benchmarks.catalogue import WORKLOADS
from benchmarks.environments import GRADWALK, Environment, UnavailableError
from benchmarks.workload import MODES


def wheel(folder, version: str) -> str:
    """The path of an installable package `tinypeer`, which needs no network."""
    path = folder / f"tinypeer-{version}-py3-none-any.whl"
    about = f"tinypeer-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tinypeer.py", f"version = {version!r}\n")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: tinypeer\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return str(path)


def ask(python, environment, program: str) -> str:
    command = [str(python), "-c", program]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment.variables(), cwd=python.parent
    ).stdout.strip()


def test_an_environment_is_made_once_and_holds_its_requirements_alone(tmp_path, monkeypatch):
    first = Environment("tinypeer", (wheel(tmp_path, "1.0"),))
    python = first.python(tmp_path / "cache")
    assert ask(python, first, "import tinypeer; print(tinypeer.version)") == "1.0"
    assert ask(python, first, "import importlib.util as u; print(u.find_spec('autograd'))") == "None"

    second = Environment("tinypeer", (wheel(tmp_path, "2.0"),))
    again = second.python(tmp_path / "cache")
    assert ask(again, second, "import tinypeer; print(tinypeer.version)") == "2.0"

    monkeypatch.setattr(environments, "_run", lambda command: pytest.fail(f"made again: {command}"))
    assert second.python(tmp_path / "cache") == again


def test_requirements_that_cannot_be_installed_are_told_in_pips_words(tmp_path):
    environment = Environment("broken", (str(tmp_path / "missing-1.0-py3-none-any.whl"),))
    with pytest.raises(UnavailableError, match="missing"):
        environment.python(tmp_path / "cache")
    with pytest.raises(UnavailableError, match="missing"):  # a half-made environment is not taken for a whole one
        environment.python(tmp_path / "cache")


def test_processes_run_on_one_thread_and_only_gradwalks_see_the_sources(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    peer = Environment("peer", ("peer==1",)).variables()
    assert "PYTHONPATH" not in peer
    assert GRADWALK.variables()["PYTHONPATH"] == str(environments.ROOT)
    assert peer["OMP_NUM_THREADS"] == GRADWALK.variables()["OMP_NUM_THREADS"] == "1"


def test_every_peer_is_pinned_to_one_version():
    for workload in WORKLOADS:
        for peer in workload.peers:
            assert peer in environments.PEERS
            for requirement in peer.requirements:
                assert requirement.count("==") == 1, requirement


def test_without_a_cache_a_peer_is_that_which_is_installed_already(tmp_path):
    assert Environment("numeric", ("numpy==0.1",)).python(None) == Path(sys.executable)
    with pytest.raises(UnavailableError, match="not installed"):
        Environment("broken", ("no-such-distribution==1",)).python(None)


def test_every_bar_is_of_a_mode_that_is_measured():
    for workload in WORKLOADS:
        assert workload.bars.keys() <= set(workload.modes)
        assert set(workload.modes) <= set(MODES)
        assert set(workload.slow) < set(workload.peers) or not workload.slow
        assert workload.peers or not any(bar.of_ratio for bar in workload.bars.values())
