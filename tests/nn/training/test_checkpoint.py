"""Checkpoints: what goes in comes out to the bit, what does not fit changes nothing, and a crash costs no file."""

import json
import math
import os
import signal
import struct
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import nn
from nn.saving.tensors import read_tensors, write_tensors
from nn.training.records import packed, unpacked
from tests.nn.training.bits import bits


@pytest.fixture(autouse=True)
def _default_generator():
    yield
    nn.manual_seed(0)


def model(seed=0):
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Linear(3, 4, rng=rng), nn.BatchNorm1d(4), nn.Dropout(rng=rng), nn.Linear(4, 2, rng=rng))


def stepped(net, optimizer, steps=2):
    x = np.random.default_rng(1).normal(size=(8, 3))
    for _ in range(steps):
        optimizer.zero_grad()
        (net(x) ** 2).mean().backward()
        optimizer.step()


def everything(net, optimizer, *others):
    """All of their states, to the bit."""
    states = [net.state_dict(), optimizer.state_dict(), *(other.state_dict() for other in others)]
    return bits([*states, net[2].rng.bit_generator.state, nn.init.generator(None).bit_generator.state])


# ---- records --------------------------------------------------------------------------------------------------------


def test_a_record_gives_back_every_type_and_bit():
    state = {
        "plain": [None, True, False, 0, -1, 1 << 127, "", "λ\n", 0.1, -0.0, 5e-324, 1.7976931348623157e308],
        "not finite": (math.inf, -math.inf, math.nan),
        "nested": {1: {"1": [], 2.5: ()}, (1, "a"): {}, None: {}},
        "arrays": [np.arange(6.0).reshape(2, 3), np.zeros((0, 2), np.float32), np.array(3, np.uint64)],
        "numbers": [np.float64(0.1), np.float32(0.1), np.int8(-3), np.bool_(True)],
        "like a tag": {"array": "x", "dict": [1]},
    }
    arrays, text = packed(state)
    found = unpacked(arrays, text)
    assert repr(found) == repr(state)  # dtypes, -0.0, int and bool, lists and tuples all show
    assert math.copysign(1.0, found["plain"][9]) == -1.0
    assert json.loads(text) is not None
    assert "NaN" not in text
    assert "Infinity" not in text


def test_keys_that_read_alike_are_kept_apart():
    arrays, text = packed({1: np.array(1.0), "1": np.array(2.0), "a/b": np.array(3.0), "a": {"b": np.array(4.0)}})
    assert len(arrays) == 4
    assert unpacked(arrays, text) == {1: 1.0, "1": 2.0, "a/b": 3.0, "a": {"b": 4.0}}


@pytest.mark.parametrize("held", [object(), {1, 2}, 1j, b"bytes", nn])
def test_what_has_no_place_is_refused_by_name(tmp_path, held):
    path = tmp_path / "run"
    with pytest.raises(TypeError, match=f"save_checkpoint: notes/deep/1 is a {type(held).__name__}, which"):
        nn.save_checkpoint(path, notes={"deep": [0, held]})
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"array":"absent"}',
        '{"number":"x"}',
        '{"array":["x"]}',
        '{"float":"1e9"}',
        '{"tuple":1}',
        '{"dict":{"a":1}}',
        '{"dict":[["a"]]}',
        '{"dict":[[["list"],1]]}',
        '{"dict":[],"tuple":[]}',
        '{"code":"import os"}',
        "{}",
        '{"tuple":[' * 50_000,
        '{"tuple":[' * 50_000 + "]}" * 50_000,
        "9" * 10_000,
    ],
)
def test_a_record_that_stands_for_nothing(text):
    with pytest.raises(ValueError, match=r".") as caught:
        unpacked({"x": np.zeros(3)}, text)
    assert len(str(caught.value)) < 500


# ---- to a file and back ---------------------------------------------------------------------------------------------


def test_a_training_loop_of_ones_own_goes_on_to_the_bit(tmp_path):
    path = tmp_path / "run.safetensors"
    nn.manual_seed(3)
    net = model()
    optimizer = nn.Adam(net.parameters(), lr=0.1)
    stepped(net, optimizer)
    nn.save_checkpoint(path, model=net, optimizer=optimizer, epoch=7, notes={"best": [0.5, None]})
    stepped(net, optimizer)
    expected = everything(net, optimizer)

    nn.manual_seed(4)
    other = model(9)
    resumed = nn.Adam(other.parameters(), lr=0.7)
    assert nn.load_checkpoint(path, model=other, optimizer=resumed) == {"epoch": 7, "notes": {"best": [0.5, None]}}
    stepped(other, resumed)
    assert everything(other, resumed) == expected


def test_one_part_of_a_checkpoint_can_be_loaded(tmp_path):
    path = tmp_path / "run"
    net = model()
    nn.save_checkpoint(path, model=net, optimizer=nn.SGD(net.parameters(), lr=0.25))
    other = model(1)
    rest = nn.load_checkpoint(path, model=other)
    assert rest["optimizer"]["param_groups"][0]["lr"] == 0.25
    np.testing.assert_array_equal(other[0].weight.data, net[0].weight.data)


def test_a_generator_that_modules_share_stays_shared(tmp_path):
    """And of another kind than the usual one: its state has arrays."""
    rng = np.random.Generator(np.random.MT19937(1))
    net = nn.Sequential(nn.Dropout(rng=rng), nn.Dropout(rng=rng))
    nn.save_checkpoint(tmp_path / "run", model=net)
    expected = [net(np.ones(50)).tolist() for _ in range(2)]
    nn.load_checkpoint(tmp_path / "run", model=net)
    assert [net(np.ones(50)).tolist() for _ in range(2)] == expected
    assert net[0].rng is net[1].rng is rng
    other = nn.Sequential(nn.Dropout(rng=np.random.Generator(np.random.MT19937(2))), nn.Dropout(rng=rng))
    with pytest.raises(nn.FileFormatError, match=r"random generators \['0.rng', '1.rng'\], and the state \['0.rng'\]"):
        nn.load_checkpoint(tmp_path / "run", model=other)
    usual = np.random.default_rng(1)
    with pytest.raises(nn.FileFormatError, match=r"0.rng: not the state of a PCG64 generator"):
        nn.load_checkpoint(tmp_path / "run", model=nn.Sequential(nn.Dropout(rng=usual), nn.Dropout(rng=usual)))


def test_the_default_generator_belongs_to_no_module(tmp_path):
    """Named or not, it is the one of `nn.manual_seed`, and is in the file once."""
    nn.manual_seed(1)
    nn.save_checkpoint(tmp_path / "run", model=nn.Dropout(rng=nn.init.generator(None)))
    layer = nn.Dropout()
    expected = layer(np.ones(50)).tolist()
    nn.manual_seed(2)
    nn.load_checkpoint(tmp_path / "run", model=layer)
    assert layer(np.ones(50)).tolist() == expected


def test_the_weights_can_be_read_by_other_readers(tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy", reason="it comes with gradwalk")
    net = model()
    nn.save_checkpoint(tmp_path / "run", model=net)
    found = safetensors.load_file(tmp_path / "run")
    np.testing.assert_array_equal(found["model/state/3.weight"], net[3].weight.data)


# ---- what does not fit ----------------------------------------------------------------------------------------------


def saved(path):
    nn.manual_seed(5)
    net = model(2)
    optimizer = nn.Adam(net.parameters(), lr=0.3)
    stepped(net, optimizer)
    loader = nn.DataLoader(np.arange(5), shuffle=True, seed=8)
    nn.save_checkpoint(path, model=net, optimizer=optimizer, train=loader, history=nn.History(loss=[1.0]), epoch=1)


def targets():
    nn.manual_seed(6)
    net = model(3)
    optimizer = nn.Adam(net.parameters(), lr=0.1)
    stepped(net, optimizer)
    return {
        "model": net,
        "optimizer": optimizer,
        "train": nn.DataLoader(np.arange(5), shuffle=True),
        "history": nn.History(),
    }


def assert_refused(path, parts, message):
    before = everything(*parts.values())
    with pytest.raises((ValueError, TypeError), match=message):
        nn.load_checkpoint(path, **parts)
    assert everything(*parts.values()) == before


def test_every_part_must_be_there_and_have_a_state(tmp_path):
    path = tmp_path / "run"
    saved(path)
    parts = targets()
    with pytest.raises(nn.FileFormatError, match=r"holds no 'ema' and no 'more'; it holds \['model', 'optimizer'"):
        nn.load_checkpoint(path, **parts, ema=parts["history"], more=parts["history"])
    with pytest.raises(TypeError, match="load_checkpoint: epoch is a int, which has no state to set; plain data"):
        nn.load_checkpoint(path, epoch=3)


@pytest.mark.parametrize(
    "name, part, message",
    [
        ("model", lambda: nn.Linear(3, 4), "model: .*random generators"),
        ("model", lambda: nn.Sequential(*list(model())[:3]), "model: .*no such parameter or buffer: '3.weight'"),
        ("optimizer", lambda: nn.Adam(nn.Linear(3, 4).parameters()), "optimizer: Adam.load_state_dict: .*its groups"),
        ("optimizer", lambda: nn.SGD(model().parameters(), momentum=0.5), "optimizer: SGD.load_state_dict"),
        ("train", lambda: nn.EarlyStopping(), "train: EarlyStopping: not a state"),
        ("history", lambda: nn.DataLoader(np.arange(5)), "history: DataLoader: a state has"),
    ],
)
def test_one_part_that_does_not_fit_leaves_all_as_they_were(tmp_path, name, part, message):
    path = tmp_path / "run"
    saved(path)
    misfit = part()
    parts = targets()
    before = everything(*parts.values())
    with pytest.raises(nn.FileFormatError, match=f"(?s)does not fit, and nothing was changed: {message}"):
        nn.load_checkpoint(path, **{**parts, name: misfit})
    assert everything(*parts.values()) == before


def test_another_dtype_would_not_go_on_to_the_bit(tmp_path):
    nn.save_checkpoint(tmp_path / "run", model=nn.Linear(2, 2, dtype=np.float32))
    with pytest.raises(nn.FileFormatError, match="'weight' is of float64 in the module, and of float32 in the state"):
        nn.load_checkpoint(tmp_path / "run", model=nn.Linear(2, 2))


def test_what_is_no_checkpoint(tmp_path):
    net = nn.Linear(2, 3)
    nn.save(net, tmp_path / "weights")
    with pytest.raises(nn.FileFormatError, match=r"is no checkpoint, as nn.save_checkpoint writes; nn.load reads"):
        nn.load_checkpoint(tmp_path / "weights", model=net)
    nn.save_checkpoint(tmp_path / "run", model=net)
    arrays, metadata = read_tensors(tmp_path / "run")
    write_tensors(tmp_path / "run", arrays, {**metadata, "version": "9"})
    with pytest.raises(nn.FileFormatError, match="of version '9', and this gradwalk reads '1'; install a newer"):
        nn.load_checkpoint(tmp_path / "run", model=net)
    for record in ("{}", '{"dict":[]}', "[1]", '{"dict":[["model",{"array":"absent"}]]}'):
        write_tensors(tmp_path / "run", arrays, {**metadata, "record": record})
        with pytest.raises(nn.FileFormatError, match="is damaged: its record"):
            nn.load_checkpoint(tmp_path / "run", model=net)
    with pytest.raises(nn.FileFormatError, match="max_bytes"):
        nn.load_checkpoint(tmp_path / "run", model=net, max_bytes=100)


@pytest.mark.uncounted
def test_damaged_checkpoints_by_the_hundred(tmp_path):
    """Bytes of the header changed, and parts of the record swapped: a whole state, or a ValueError and no change."""
    path = tmp_path / "run"
    saved(path)
    whole = path.read_bytes()
    header = 8 + struct.unpack_from("<Q", whole)[0]
    arrays, metadata = read_tensors(path)
    record = metadata["record"]
    rng = np.random.default_rng(2)
    parts = targets()
    before = everything(*parts.values())
    refused = []
    for attempt in range(400):
        if attempt % 2:
            content = bytearray(whole)
            for place in rng.integers(8, header, size=rng.integers(1, 4)):
                content[place] = rng.integers(32, 127)
            path.write_bytes(content)
        else:
            cut, paste, length = rng.integers(len(record), size=3)
            changed = record[:paste] + record[cut : cut + length % 40] + record[paste + length % 7 :]
            write_tensors(path, arrays, {**metadata, "record": changed})
        try:
            nn.load_checkpoint(path, **parts)
        except ValueError as error:
            refused.append((str(path) in str(error), everything(*parts.values()) == before))
        else:
            parts = targets()
            assert everything(*parts.values()) == before
    assert len(refused) > 280
    assert set(refused) == {(True, True)}  # each names the file and changed nothing


# ---- a crash --------------------------------------------------------------------------------------------------------

KILLED = """
    import os, signal, sys
    import numpy as np
    import nn

    path = sys.argv[1]
    model = nn.Linear(50, 50)
    nn.save_checkpoint(path, model=model, epoch=1)
    model.weight.data = np.zeros((50, 50))

    def die(*arguments):
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(os, sys.argv[2], die)
    nn.save_checkpoint(path, model=model, epoch=2)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="not on this platform: a process cannot be killed so")
@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_process_that_is_killed_while_it_writes_leaves_the_old_file(tmp_path, moment):
    path = tmp_path / "run"
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(path), moment]
    ended = subprocess.run(command, cwd=os.getcwd(), capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    net = nn.Linear(50, 50)
    assert nn.load_checkpoint(path, model=net) == {"epoch": 1}
    assert np.all(net.weight.data != 0.0)


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "run"
    nn.save_checkpoint(path, epoch=1)

    def fail(descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        nn.save_checkpoint(path, epoch=2)
    monkeypatch.undo()
    assert nn.load_checkpoint(path) == {"epoch": 1}
    assert os.listdir(tmp_path) == ["run"]
