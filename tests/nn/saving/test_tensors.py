"""Safetensors files: written and read, and refused with a reason where they are damaged or lie."""

import json
import struct
import tracemalloc

import numpy as np
import pytest
import safetensors.numpy

from nn.saving.small_floats import FLOAT8
from nn.saving.tensors import read_header, read_tensors, write_tensors

ml_dtypes = pytest.importorskip("ml_dtypes", reason="the oracle of few-digit numbers, which comes with onnx")


def file_of(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(dtype="F32", shape=(1,), offsets=(0, 4)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


ARRAYS = {
    "double": np.linspace(-1, 1, 6).reshape(2, 3),
    "single": np.array([1.5, -np.inf, np.nan], np.float32),
    "half": np.array([[0.5]], np.float16),
    "long": np.array([-(2**62), 2**62]),
    "bytes": np.arange(5, dtype=np.uint8),
    "truths": np.array([True, False]),
    "none": np.zeros((0, 3)),
    "one": np.array(2.5),
    "Ωmega, with a long name and 🎲": np.array([1.0]),
}


def test_there_and_back(tmp_path):
    write_tensors(tmp_path / "file", ARRAYS, {"b": "text", "a": "more"})
    arrays, metadata = read_tensors(tmp_path / "file")
    assert metadata == {"a": "more", "b": "text"}
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].flags.writeable


def test_the_order_of_names_makes_no_difference(tmp_path):
    write_tensors(tmp_path / "one", {"a": np.ones(2), "b": np.zeros(3)}, {"x": "1", "y": "2"})
    write_tensors(tmp_path / "two", {"b": np.zeros(3), "a": np.ones(2)}, {"y": "2", "x": "1"})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_library_reads_what_we_write_and_we_read_what_it_writes(tmp_path):
    write_tensors(tmp_path / "ours", ARRAYS, {"a": "b"})
    theirs = safetensors.numpy.load_file(tmp_path / "ours")
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(theirs[name], array)
    safetensors.numpy.save_file(ARRAYS, tmp_path / "theirs", {"a": "b"})
    arrays, metadata = read_tensors(tmp_path / "theirs")
    assert metadata == {"a": "b"}
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)


def test_arrays_in_any_layout_are_written_as_they_read(tmp_path):
    array = np.arange(24.0).reshape(2, 3, 4)
    layouts = {
        "transposed": array.T,
        "strided": array[:, ::-2],
        "big": array.astype(">f8"),
        "fortran": np.asfortranarray(array),
        "broadcast": np.broadcast_to(array[0, 0], (3, 4)),
    }
    write_tensors(tmp_path / "file", layouts)
    for name, found in read_tensors(tmp_path / "file")[0].items():
        np.testing.assert_array_equal(found, layouts[name])
        assert found.dtype == np.dtype(float)


def test_every_array_lies_aligned(tmp_path):
    write_tensors(tmp_path / "file", {"a": np.ones(3, np.int8), "b": np.ones(1), "c": np.ones(1, np.float32)})
    data = (tmp_path / "file").read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    assert length % 8 == 0
    assert [entry["data_offsets"][0] for entry in json.loads(data[8 : 8 + length]).values()] == [0, 8, 12]


@pytest.mark.parametrize(
    "arrays, metadata, message",
    [
        ({"a": np.ones(2, complex)}, None, r"'a' holds complex128.*convert it"),
        ({"a": np.ones(2, np.longdouble)}, None, "'a' holds"),
        ({"a": np.array(["text"])}, None, "'a' holds <U4"),
        ({"a": np.array([None])}, None, "'a' holds object"),
        ({3: np.ones(2)}, None, "names and metadata are texts, not 3"),
        ({"__metadata__": np.ones(2)}, None, "the file's own texts"),
        ({"\ud800": np.ones(2)}, None, "cannot be written as UTF-8"),
        ({}, {"a": 3}, "names and metadata are texts, not 'a': 3"),
    ],
)
def test_what_the_format_cannot_hold_is_refused(tmp_path, arrays, metadata, message):
    with pytest.raises(TypeError, match=message):
        write_tensors(tmp_path / "file", arrays, metadata)
    assert not (tmp_path / "file").exists()


# ---- formats that NumPy does not have -------------------------------------------------------------------------------


def test_bfloat16_is_widened_exactly(tmp_path):
    bits = np.arange(2**16, dtype=np.uint16)
    (tmp_path / "file").write_bytes(file_of({"a": entry("BF16", (2**16,), (0, 2**17))}, bits.tobytes()))
    found = read_tensors(tmp_path / "file")[0]["a"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, bits.view(ml_dtypes.bfloat16).astype(np.float32))


@pytest.mark.parametrize(
    "code, reference",
    [
        ("F8_E4M3", ml_dtypes.float8_e4m3fn),
        ("F8_E5M2", ml_dtypes.float8_e5m2),
        ("F8_E4M3FNUZ", ml_dtypes.float8_e4m3fnuz),
        ("F8_E5M2FNUZ", ml_dtypes.float8_e5m2fnuz),
    ],
)
def test_eight_bits_are_widened_exactly(code, reference):
    from nn.saving.small_floats import widened_float8

    bits = np.arange(256, dtype=np.uint8)
    expected = bits.view(reference).astype(np.float32)
    found = widened_float8(bits, code)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found)[found == 0], np.signbit(expected)[expected == 0])
    assert code in FLOAT8


def test_any_byte_of_a_boolean_but_0_is_true(tmp_path):
    (tmp_path / "file").write_bytes(file_of({"a": entry("BOOL", (3,), (0, 3))}, bytes([0, 1, 2])))
    found = read_tensors(tmp_path / "file")[0]["a"]
    assert found.dtype == bool
    assert found.tobytes() == bytes([0, 1, 1])  # a byte of 2 would be a truth that is not True


# ---- damaged and hostile files --------------------------------------------------------------------------------------

ONE = b"\0\0\x80?"
HOSTILE = {
    "empty": (b"", "has only 0 bytes"),
    "length cut": (b"\1\2\3", "has only 3 bytes"),
    "header beyond the end": (file_of({}, length=2**63), "claims a header of 9,223,372,036,854,775,808 bytes"),
    "length of all ones": (b"\xff" * 8 + b"{}", "claims a header of"),
    "no JSON": (file_of(b"{nothing}"), "damaged header"),
    "no UTF-8": (file_of(b'{"\xff": 1}'), "damaged header"),
    "a list": (file_of(b"[]"), "no JSON object"),
    "a number": (file_of(b"1"), "no JSON object"),
    "NaN": (file_of(b'{"a": NaN}'), "NaN is no JSON"),
    "infinite": (file_of(b'{"a": -Infinity}'), "-Infinity is no JSON"),
    "a huge number": (file_of(b'{"a": ' + b"9" * 10_000 + b"}"), "damaged header"),
    "nested": (file_of(b'{"a":' * 100_000), "nested too deeply|damaged header"),
    "nested lists": (file_of(b"[" * 100_000 + b"]" * 100_000), "nested too deeply"),
    "one name twice": (
        file_of(b'{"a": %b, "a": %b}' % ((json.dumps(entry()).encode(),) * 2), ONE),
        "'a' stands in it twice",
    ),
    "one field twice": (file_of(b'{"a": {"dtype": "F32", "dtype": "F32"}}'), "'dtype' stands in it twice"),
    "metadata that is no object": (file_of({"__metadata__": 3}), "metadata that are no texts"),
    "metadata of numbers": (file_of({"__metadata__": {"a": 3}}), "metadata that are no texts"),
    "no dtype": (file_of({"a": {"shape": [1], "data_offsets": [0, 4]}}, ONE), "does not say dtype, shape"),
    "more fields": (file_of({"a": {**entry(), "run": "this"}}, ONE), "does not say dtype, shape"),
    "no entry": (file_of({"a": 3}), "does not say dtype, shape"),
    "dtype": (file_of({"a": entry("F31")}, ONE), "as 'F31', which is none of F64, F32"),
    "dtype 4 bits": (file_of({"a": entry("F4", (8,))}, ONE), r"as 'F4'.*\.float\(\) in PyTorch"),
    "dtype complex": (file_of({"a": entry("C64", (1,), (0, 8))}, ONE + ONE), "as 'C64'"),
    "dtype list": (file_of({"a": entry(["F32"])}, ONE), "which is none of"),
    "long dtype": (file_of({"a": entry("F" * 10**6)}, ONE), r"1,000,000 characters"),
    "negative length": (file_of({"a": entry(shape=(-1,))}, ONE), "impossible shape"),
    "fraction": (file_of({"a": entry(shape=(1.0,))}, ONE), "impossible shape"),
    "truth": (file_of({"a": entry(shape=(True,))}, ONE), "impossible shape"),
    "overflow": (file_of({"a": entry(shape=(2**62, 4))}, ONE), "impossible shape"),
    "product wraps to 1": (file_of({"a": entry(shape=(2**32, 2**32))}, ONE), "impossible shape"),
    "nothing of much": (file_of({"a": entry(shape=(0, 2**47, 2**47), offsets=(0, 0))}), "impossible shape"),
    "33 axes": (file_of({"a": entry(shape=(1,) * 33)}, ONE), "impossible shape"),
    "shape against offsets": (file_of({"a": entry(shape=(2,))}, ONE), "where it does not lie"),
    "offsets beyond the end": (file_of({"a": entry(offsets=(4, 8))}, ONE), "where it does not lie"),
    "offsets reversed": (file_of({"a": entry(offsets=(4, 0))}, ONE), "where it does not lie"),
    "one offset": (file_of({"a": entry(offsets=(4,))}, ONE), "where it does not lie"),
    "overlap": (file_of({"a": entry(), "b": entry()}, ONE), "should have 8 bytes of numbers and has 4"),
    "overlap that fits": (file_of({"a": entry(), "b": entry()}, ONE + ONE), "is damaged"),
    "a hole": (file_of({"a": entry(offsets=(4, 8))}, ONE + ONE), "should have 4 bytes of numbers and has 8"),
    "a tail": (file_of({"a": entry()}, ONE + b"tail"), "should have 4 bytes of numbers and has 8"),
    "cut off": (file_of({"a": entry()}, ONE[:3]), "where it does not lie"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_the_reason(tmp_path, name):
    data, message = HOSTILE[name]
    (tmp_path / "file").write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=f"(?s)file: .*({message})") as caught:
            read_tensors(tmp_path / "file")
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()
    assert len(str(caught.value)) < 1000


def test_a_large_header_is_not_read(tmp_path):
    with open(tmp_path / "file", "wb") as file:
        file.write(struct.pack("<Q", 2**30))
        file.truncate(8 + 2**30)  # takes no room on the disk
    with pytest.raises(ValueError, match="a header of 1,073,741,824 bytes; at most"):
        read_tensors(tmp_path / "file")


def test_a_file_above_the_cap_is_not_read(tmp_path):
    write_tensors(tmp_path / "file", {"a": np.ones(1000)})
    with pytest.raises(ValueError, match=r"has 8,\d+ bytes, and max_bytes=8,000 allows no more"):
        read_tensors(tmp_path / "file", max_bytes=8000)
    with pytest.raises(ValueError, match="max_bytes=8,000"):
        read_header(tmp_path / "file", max_bytes=8000)
    read_tensors(tmp_path / "file", max_bytes=8200)


def test_reading_takes_about_twice_the_file(tmp_path):
    write_tensors(tmp_path / "file", {str(place): np.ones(10**5) for place in range(20)})  # 16 MB
    tracemalloc.start()
    try:
        read_tensors(tmp_path / "file")
        assert tracemalloc.get_traced_memory()[1] < 60 * 10**6
    finally:
        tracemalloc.stop()
