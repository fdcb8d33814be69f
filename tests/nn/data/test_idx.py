"""IDX files: what is read, and 3,000 and more damaged ones, each refused in words and in bounded memory."""

import gzip
import os
import struct
import tracemalloc
import zlib

import numpy as np
import pytest

import nn

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
MEGABYTE = 1 << 20


def idx(array, code=None, shape=None):
    """An IDX file's bytes, by the format's own description."""
    kind = f"{array.dtype.kind}{array.dtype.itemsize}"
    shape = array.shape if shape is None else shape
    header = struct.pack(f">HBB{len(shape)}I", 0, CODES[kind] if code is None else code, len(shape), *shape)
    return header + array.astype(f">{kind}").tobytes()


def numbers(rng, kind, shape):
    if kind[0] == "f":
        return rng.normal(size=shape).astype(kind)
    limits = np.iinfo(kind)
    return rng.integers(limits.min, limits.max, size=shape, endpoint=True).astype(kind)


def load(tmp_path, content, **arguments):
    path = tmp_path / "file"
    path.write_bytes(content)
    return nn.load_idx(path, **arguments)


def peak_of(function):
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# ---- what is read ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (5,), (0,), (3, 4), (2, 3, 4), (2, 0, 3), (1, 2, 1, 3, 2)])
@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_every_dtype_and_shape(tmp_path, kind, shape, pack):
    array = numbers(np.random.default_rng(1), kind, shape)
    found = load(tmp_path, pack(idx(array)))
    assert found.dtype == np.dtype(kind)
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, array)
    found[...] = 1  # it can be written to


def test_numbers_are_big_endian_in_the_file(tmp_path):
    content = bytes([0, 0, 0x0C, 1, 0, 0, 0, 2]) + bytes([0, 0, 1, 2]) + bytes([255, 255, 255, 254])
    assert load(tmp_path, content).tolist() == [258, -2]


def test_more_than_one_chunk_and_several_gzip_members(tmp_path):
    array = np.random.default_rng(0).integers(0, 255, size=(3 * MEGABYTE // 1000, 1000), dtype=np.uint8)
    content = idx(array)
    np.testing.assert_array_equal(load(tmp_path, content), array)
    np.testing.assert_array_equal(
        load(tmp_path, gzip.compress(content[:1000], 1, mtime=0) + gzip.compress(content[1000:], 1, mtime=0)), array
    )


# ---- what is refused ------------------------------------------------------------------------------------------------

FOUR = idx(np.arange(4, dtype=np.uint8))


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "is no IDX file: it begins with the bytes of an empty file, not with 00 00"),
        (b"\x89PNG....", r"is no IDX file: it begins with the bytes 89 50 4e 47"),
        (b"\0\0\x0a\x01" + bytes(8), r"a dtype \(08, 09, 0b, 0c, 0d, 0e\) and a number of axes"),
        (b"\0\0\x08\x41" + bytes(400), "is no IDX file"),
        (FOUR[:6], "is truncated: it ends within its header"),
        (FOUR[:-1], r"it declares uint8 numbers of shape \(4,\) in 4 bytes, and 3 are there"),
        (FOUR + b"\n", r"it declares uint8 numbers of shape \(4,\) in 4 bytes, and more are there"),
        (idx(np.zeros(4, "u1"), shape=(2**32 - 1,) * 3), r"more than max_bytes=2,147,483,648"),
        (idx(np.zeros(0, "u1"), shape=(0, 2**32 - 1, 2**32 - 1, 2**32 - 1)), "more than max_bytes"),
        (gzip.compress(FOUR, mtime=0)[:-9], "is damaged: Compressed file ended before the end-of-stream marker"),
        (gzip.compress(FOUR, mtime=0)[:-8] + bytes(8), "is damaged: CRC check failed"),
        (gzip.compress(FOUR, mtime=0) + b"what follows", "is damaged: Not a gzipped file"),
        (gzip.compress(FOUR[:-2], mtime=0), "is truncated"),
        (gzip.compress(FOUR, mtime=0) + gzip.compress(b"more", mtime=0), "more are there"),
        (gzip.compress(gzip.compress(FOUR, mtime=0), mtime=0), "is no IDX file: it begins with the bytes 1f 8b"),
    ],
)
def test_a_damaged_file_says_what_is_wrong(tmp_path, content, message):
    with pytest.raises(nn.FileFormatError, match=message) as caught:
        load(tmp_path, content)
    assert str(tmp_path / "file") in str(caught.value)


def test_what_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        nn.load_idx(tmp_path / "absent")
    with pytest.raises(nn.FileFormatError, match="is no ordinary file"):
        nn.load_idx(tmp_path)


def test_a_limit_can_be_set_and_raised(tmp_path):
    content = idx(np.arange(1000, dtype=np.int16))
    with pytest.raises(nn.FileFormatError, match=r"shape \(1000,\) in 2,000 bytes, more than max_bytes=1,999"):
        load(tmp_path, content, max_bytes=1999)
    assert load(tmp_path, content, max_bytes=2000).shape == (1000,)


# ---- in bounded memory ----------------------------------------------------------------------------------------------


def bomb(header, zeros):
    """Compressed zeros without holding them: 1,000 to 1."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(MEGABYTE)
    return packer.compress(header) + b"".join(packer.compress(piece) for _ in range(zeros)) + packer.flush()


def test_a_gzip_bomb_behind_a_small_header_is_not_unpacked(tmp_path):
    content = bomb(FOUR, 256)
    assert len(content) < MEGABYTE

    def attempt():
        with pytest.raises(nn.FileFormatError, match="more are there"):
            load(tmp_path, content)

    assert peak_of(attempt) < 2 * MEGABYTE


def test_a_header_that_promises_too_much_takes_no_memory(tmp_path):
    """Within max_bytes, so that only what is there may be held."""
    lie = struct.pack(">HBB2I", 0, 0x08, 2, 2**15, 2**16)

    def attempt():
        for content in (lie + b"few", gzip.compress(lie + b"few", mtime=0)):
            with pytest.raises(nn.FileFormatError, match=r"is truncated.* 3 are there"):
                load(tmp_path, content)

    assert peak_of(attempt) < 3 * MEGABYTE


def test_a_bomb_that_is_honest_is_refused_by_its_header(tmp_path):
    content = bomb(struct.pack(">HBB2I", 0, 0x08, 2, 2**16, 2**16), 16)

    def attempt():
        with pytest.raises(nn.FileFormatError, match="max_bytes"):
            load(tmp_path, content)

    assert peak_of(attempt) < MEGABYTE


def cut_short(rng, content):
    return content[: rng.integers(len(content))]


def extended(rng, content):
    return content + rng.bytes(rng.integers(1, 40))


def changed_length(rng, content):
    """One axis longer or shorter, by a little or by a bit that makes it huge."""
    place = 4 + 4 * rng.integers(content[3])
    (length,) = struct.unpack_from(">I", content, place)
    other = length ^ (1 << rng.integers(32)) if rng.random() < 0.5 else int(rng.integers(2**32))
    return content[:place] + struct.pack(">I", other if other != length else other + 1) + content[place + 4 :]


def changed_magic(rng, content):
    """A byte of the magic number; a dtype of the same width would make another honest file."""
    place = rng.choice([0, 1, 3])
    return content[:place] + bytes([content[place] ^ (1 << rng.integers(8))]) + content[place + 1 :]


def changed_width(rng, content):
    widths = {0x08: 1, 0x09: 1, 0x0B: 2, 0x0C: 4, 0x0D: 4, 0x0E: 8}
    others = [code for code in range(256) if widths.get(code) != widths[content[2]]]
    return content[:2] + bytes([rng.choice(others)]) + content[3:]


def noise(rng, content):
    return rng.bytes(len(content))


def changed_bit(rng, content):
    place = rng.integers(len(content))
    return content[:place] + bytes([content[place] ^ (1 << rng.integers(8))]) + content[place + 1 :]


PLAIN = [cut_short, extended, changed_length, changed_magic, changed_width, noise]
COMPRESSED = [cut_short, extended, changed_bit]


@pytest.mark.uncounted
def test_damaged_files_by_the_thousand(tmp_path):
    """Each is refused as a ValueError; a changed bit of a gzip file may also be one that carries nothing."""
    rng = np.random.default_rng(5)
    path = os.fspath(tmp_path / "damaged")
    refused = harmless = 0

    def attempts():
        nonlocal refused, harmless
        for _ in range(330):
            kind = rng.choice(list(CODES))
            array = numbers(rng, kind, tuple(rng.integers(1, 7, size=rng.integers(1, 5))))
            whole = idx(array)
            packed = gzip.compress(whole, 1, mtime=0)
            damaged = [damage(rng, whole) for damage in PLAIN] + [damage(rng, packed) for damage in COMPRESSED]
            damaged += [gzip.compress(content, 1, mtime=0) for content in damaged[:2]]
            for content in damaged:
                with open(path, "wb") as file:
                    file.write(content)
                try:
                    found = nn.load_idx(path)
                except ValueError as error:
                    refused += path in str(error)
                else:
                    np.testing.assert_array_equal(found, array)
                    harmless += 1

    assert peak_of(attempts) < 6 * MEGABYTE
    assert refused > 3300
    assert harmless < 330
