"""Thousands of damaged weights: each is refused with a reason and changes nothing, or holds what it says."""

import json
import struct

import numpy as np
import pytest
import safetensors.numpy

import nn
from tests.nn.saving.damage import INTERESTING, damaged, little_memory

COUNT = 4000
MEMORY = 4 * 2**20  # for files of some hundred bytes


class Net(nn.Module):
    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.fc = nn.Linear(3, 2, rng=rng, dtype=np.float32)
        self.norm = nn.Parameter(rng.normal(size=2))
        self.register_buffer("seen", 3)
        self.register_buffer("mask", [True, False])


def with_other_header(data, rng):
    """A number, a name, a type or a bracket of the header changed, with a length that fits or not."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    name = str(rng.choice([each for each in header if each != "__metadata__"]))
    entry = header[name]
    number = int(rng.choice(INTERESTING[:12])) * (-1 if rng.random() < 0.2 else 1)
    change = int(rng.integers(9))
    if change == 0:
        entry["shape"] = [number] if rng.random() < 0.5 else [*entry["shape"], number]
    elif change == 1:
        entry["data_offsets"][int(rng.integers(2))] = number
    elif change == 2:
        entry["dtype"] = str(
            rng.choice(["F16", "BF16", "F32", "F64", "I64", "U8", "BOOL", "F8_E4M3", "C64", "F4", "", "f32"])
        )
    elif change == 3:
        header[str(rng.choice(["fc.weight", "fc", "", "\0", "x" * 1000]))] = header.pop(name)
    elif change == 4:
        header[name] = rng.choice([None, 1.5, "text", True, float("nan")]) if rng.random() < 0.5 else [entry]
    elif change == 5:
        header["__metadata__"] = [{}, {"a": 1}, [], {"version": "2"}, {"format": "gradwalk"}][int(rng.integers(5))]
    elif change == 6:
        del entry[str(rng.choice(list(entry)))]
    elif change == 7:
        entry["more"] = number
    text = json.dumps(header)
    if change == 8:
        text = text[:-1] + f', "{name}": ' + json.dumps(entry) + "}"
    said = len(text) if rng.random() < 0.8 else abs(number)
    return struct.pack("<Q", said) + text.encode() + data[8 + length :]


def assert_unchanged(state, before):
    for name, array in before.items():
        np.testing.assert_array_equal(state[name], array, strict=True)


@pytest.mark.uncounted
def test_damaged_weights(tmp_path):
    source, target, path = Net(0), Net(1), tmp_path / "weights"
    nn.save(source, path)
    whole, before = path.read_bytes(), target.state_dict()
    refused = 0
    for seed in range(COUNT):
        rng = np.random.default_rng(seed)
        data = with_other_header(whole, rng) if seed % 2 else damaged(whole, rng)
        path.write_bytes(data)
        try:
            with little_memory(MEMORY, measured=seed % 10 < 3):
                nn.load(target, path)
        except ValueError as error:
            refused += str(path) in str(error)
            assert_unchanged(target.state_dict(), before)
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise
        else:
            held = safetensors.numpy.load(data)
            for name, array in target.state_dict().items():
                np.testing.assert_array_equal(array, held[name].astype(array.dtype), err_msg=f"seed {seed}")
            target.load_state_dict(before)
    assert 0.8 * COUNT < refused < COUNT  # most damage is found; in the numbers themselves it cannot be
