"""The two files of a saved program: their names, how they read, and what of them is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from autograd import Tensor, Value
from autograd.errors import DTypeError
from autograd.replay import load, record
from autograd.replay.saving import ProgramFileError
from autograd.replay.saving.rules import PLAIN
from tests.replay.rewriting import rewritten


def saved(folder: Path) -> Path:
    w = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True, name="w")
    record(lambda x: (w * x).tanh().sum(axis=1), Tensor([[1.0, 2.0, 3.0]])).save(folder / "net")
    return folder / "net.json"


@pytest.mark.parametrize("suffix", ["", ".json", ".safetensors"])
def test_names_of_the_files(suffix: str, tmp_path: Path) -> None:
    program = record(lambda x: x * 2.0, Value(1.0))
    program.save(tmp_path / f"net.v2{suffix}")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["net.v2.json", "net.v2.safetensors"]
    assert load(str(tmp_path / f"net.v2{suffix}"))(4.0) == 8.0


def test_the_graph_can_be_read_and_the_arrays_are_safetensors(tmp_path: Path) -> None:
    text = saved(tmp_path).read_text()
    assert '{"place": 4, "primitive": "tanh", "arguments": [3], ' in text.replace('"place": 3, "primitive": "tanh"', "")
    arrays = safetensors.numpy.load_file(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(arrays["leaf.0"], np.arange(6.0).reshape(2, 3))


def test_any_byte_that_changes_is_noticed(tmp_path: Path) -> None:
    path = saved(tmp_path)
    rng = np.random.default_rng(1)
    for file in (path, path.with_suffix(".safetensors")):
        sound = file.read_bytes()
        for place in rng.integers(0, len(sound), 150):
            damaged = bytearray(sound)
            damaged[place] ^= 1 << int(rng.integers(8))
            file.write_bytes(damaged)
            if file == path and json_or_none(damaged) == json.loads(sound):
                continue  # a space that became another
            with pytest.raises(ProgramFileError):
                load(path)
        for length in (0, 1, 7, len(sound) // 2, len(sound) - 1):
            file.write_bytes(sound[:length])
            with pytest.raises(ProgramFileError):
                load(path)
        file.write_bytes(sound)
    load(path)


def json_or_none(content: bytearray) -> Any:
    try:
        return json.loads(content.decode())
    except ValueError:
        return None


def test_files_of_two_programs_do_not_mix(tmp_path: Path) -> None:
    record(lambda x: x * 2.0, Tensor([1.0])).save(tmp_path / "a")
    record(lambda x: x * 3.0, Tensor([1.0])).save(tmp_path / "b")
    (tmp_path / "a.safetensors").replace(tmp_path / "b.safetensors")
    with pytest.raises(ProgramFileError, match="does not belong to"):
        load(tmp_path / "b")


def test_a_newer_version_says_so(tmp_path: Path) -> None:
    path = saved(tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 2}))
    with pytest.raises(ProgramFileError, match=r"version 2, .* up to 1; update gradwalk"):
        load(path)


@pytest.mark.parametrize("content", ["[]", "{}", '{"format": "other"}', "null", "[" * 100000, "\x80\x04K\x01."])
def test_a_foreign_file_is_refused(content: str, tmp_path: Path) -> None:
    path = saved(tmp_path)
    path.write_text(content)
    with pytest.raises(ProgramFileError):
        load(path)


def test_a_missing_file_is_told_by_its_name(tmp_path: Path) -> None:
    saved(tmp_path)
    (tmp_path / "net.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"net\.safetensors"):
        load(tmp_path / "net")
    with pytest.raises(FileNotFoundError, match=r"other\.json"):
        load(tmp_path / "other")


HOSTILE: list[tuple[str, Any]] = [
    ("a primitive of another kind", lambda graph: graph["primitives"].append({"function": "save"})),
    ("numpy's internals", lambda graph: graph["primitives"].append({"function": "lib.format.open_memmap"})),
    ("arguments that come later", lambda graph: graph["nodes"][2].update(arguments=[3, 1])),
    ("negative arguments", lambda graph: graph["nodes"][2].update(arguments=[-1, 1])),
    ("no arguments", lambda graph: graph["nodes"][3].update(arguments=[])),
    ("a primitive that is not listed", lambda graph: graph["nodes"][3].update(primitive="exp")),
    ("another place", lambda graph: graph["nodes"][1].update(place=0)),
    ("another shape", lambda graph: graph["nodes"][0].update(shape=[3, 2])),
    ("another dtype", lambda graph: graph["nodes"][0].update(dtype="object")),
    ("an array that is missing", lambda graph: graph["nodes"][0].update(leaf="leaf.9")),
    ("an output beyond the end", lambda graph: graph.update(outputs=[99])),
    ("no outputs", lambda graph: graph.update(outputs=[])),
    ("another kind", lambda graph: graph.update(kind="code")),
    ("a leaf that is no input", lambda graph: graph["inputs"][0].update(places=[])),
    ("nodes that are none", lambda graph: graph.update(nodes=[1, 2])),
    ("a parameter of another kind", lambda graph: graph["nodes"][-1].update(params={"axis": {"call": "os"}})),
    ("a label that nobody gives", lambda graph: graph["nodes"][-1].update(params={"axis": {"input": 0}})),
    ("a number computed later", lambda graph: graph["nodes"][-1].update(params={"axis": {"place": 90}})),
    ("an order of axes that is none", lambda graph: graph.update({"orders of axes": {"leaf.0": [0, 0]}})),
]


@pytest.mark.parametrize(("what", "change"), HOSTILE, ids=[what for what, _ in HOSTILE])
def test_a_hostile_graph_is_refused(what: str, change: Any, tmp_path: Path) -> None:
    with pytest.raises(ProgramFileError, match=r"net\.json: "):
        load(rewritten(saved(tmp_path), change))


def test_functions_on_the_list_are_numpys() -> None:
    for name in PLAIN - {"getitem", "astype", "detach"}:
        function: Any = np
        for part in name.split("."):
            function = getattr(function, part)
        assert callable(function)


def test_a_failed_save_leaves_the_older_files(tmp_path: Path) -> None:
    path = saved(tmp_path)
    before = path.read_bytes(), path.with_suffix(".safetensors").read_bytes()
    wide = record(lambda x: x * 2.0, Tensor(np.array([1.0], dtype=np.longdouble)))
    with pytest.raises(DTypeError, match="safetensors has no place"):
        wide.save(path)
    with pytest.raises(FileNotFoundError):
        load(path).save(tmp_path / "missing" / "net")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(OSError, match="is a folder"):
        load(path).save(tmp_path / "folder")
    (tmp_path / "folder.json").rmdir()
    assert (path.read_bytes(), path.with_suffix(".safetensors").read_bytes()) == before
    assert len(list(tmp_path.iterdir())) == 2
