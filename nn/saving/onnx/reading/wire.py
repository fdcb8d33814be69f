"""How much a protocol buffer holds, counted before it is opened.

A message of two bytes becomes an object of a hundred, so that a small file can fill the memory. This counts the parts
of a file's bytes without making anything of them. The format: https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from nn.saving.files import FileFormatError, Path

MOST_FIELDS = 3_000_000  # of all nodes, attributes and tensors
MOST_FIELDS_OF_TENSOR = 10_000
MOST_OTHER_BYTES = 16 * 2**20  # of what is neither node nor tensor


# Which fields of which message are looked into, by the numbers of onnx.proto3, and what each of them is.
_MODEL, _GRAPH, _NODE, _ATTRIBUTE, _TENSOR = "model", "graph", "node", "attribute", "tensor"
_INSIDE: dict[str, dict[int, str]] = {
    _MODEL: {7: _GRAPH},
    _GRAPH: {1: _NODE, 5: _TENSOR},
    _NODE: {5: _ATTRIBUTE},
    _ATTRIBUTE: {5: _TENSOR, 10: _TENSOR},
    _TENSOR: {},
}
_SUBGRAPHS = (6, 11)  # of an attribute
_EXTERNAL = 13  # of a tensor


def check_size(data: bytes, path: Path) -> None:
    """Refuse what would take far more memory than the file, or is cut off, or holds what is not read.

    Raises:
        FileFormatError: with the reason.
    """
    _Count(data, path).inside(_MODEL, 0, len(data))


class _Count:
    def __init__(self, data: bytes, path: Path) -> None:
        self.data = data
        self.path = path
        self.fields = 0
        self.other_bytes = 0

    def inside(self, kind: str, start: int, end: int) -> None:
        """Count the fields of one message. Messages are looked into five deep, and no deeper."""
        inside, fields = _INSIDE[kind], 0
        place = start
        while place < end:
            number, delimited, start, place = _field(self.data, place, end, self.path)
            fields += 1
            self.fields += 1
            if self.fields > MOST_FIELDS:
                raise FileFormatError(self.path, f"has more than {MOST_FIELDS:,} parts")
            if delimited and number in inside:
                self.inside(inside[number], start, place)
            elif kind in (_MODEL, _GRAPH):
                self.other_bytes += place - start + 2
                if self.other_bytes > MOST_OTHER_BYTES:
                    raise FileFormatError(
                        self.path, f"has more than {MOST_OTHER_BYTES:,} bytes beside nodes and tensors"
                    )
            elif kind == _ATTRIBUTE:
                if number in _SUBGRAPHS:
                    raise FileFormatError(
                        self.path, "has a node that holds a graph, as If, Loop and Scan do, which is not read"
                    )
            elif kind == _TENSOR:
                self._check_tensor(number, fields)

    def _check_tensor(self, number: int, fields: int) -> None:
        if number == _EXTERNAL:
            raise FileFormatError(
                self.path,
                "keeps numbers in another file, which is not opened; export it with external_data=False from PyTorch, "
                "or join the two by onnx.save(onnx.load(path), new_path)",
            )
        if fields > MOST_FIELDS_OF_TENSOR:
            raise FileFormatError(self.path, f"has a tensor of more than {MOST_FIELDS_OF_TENSOR:,} parts")


def _field(data: bytes, place: int, end: int, path: Path) -> tuple[int, bool, int, int]:
    """A field's number, whether its length is given, and where its content begins and ends."""
    key, place = _number(data, place, end, path)
    kind, start = key & 7, place
    if kind == 2:
        length, start = _number(data, place, end, path)
        place = start + length
    elif kind == 0:
        _, place = _number(data, place, end, path)
    elif kind in (1, 5):
        place += 8 if kind == 1 else 4
    else:
        place = end + 1
    if place > end or not key >> 3:
        raise FileFormatError(path, f"is no ONNX model, or is damaged or cut off at byte {start:,}; fetch it again")
    return key >> 3, kind == 2, start, place


def _number(data: bytes, place: int, end: int, path: Path) -> tuple[int, int]:
    number = shift = 0
    while place < end and shift < 70:
        byte = data[place]
        place += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, place
        shift += 7
    raise FileFormatError(path, f"is no ONNX model, or is damaged or cut off at byte {place:,}; fetch it again")
