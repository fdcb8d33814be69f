"""Files of other formats, known by how they begin, and what to do with each."""

from __future__ import annotations

from nn.saving.files import FileFormatError, Path

_REMEDIES = {
    "safetensors": {
        "pytorch": "is a PyTorch pickle, which can run any code when it is opened, and is not read. Where you trust "
        "it, convert it: safetensors.torch.save_file(torch.load(path, weights_only=True), 'model.safetensors')",
        "npz": "is a NumPy archive (.npz); read it with file = np.load(path, allow_pickle=False), then "
        "module.load_state_dict(dict(file))",
        "keras": "is a Keras file; take each layer's get_weights() there, and set them here through "
        "nn.from_keras_kernel",
        "onnx": "is an ONNX model; load it with nn.from_onnx(path)",
    },
    "onnx": {
        "pytorch": "is a PyTorch pickle, which can run any code when it is opened; export the model with "
        "torch.onnx.export",
        "keras": "is a Keras file; export the model with model.export(path, format='onnx')",
        "safetensors": "is a safetensors file, which holds weights and no model; build the model, and call "
        "nn.load(model, path)",
    },
}
_AFTER_PICKLE = tuple(bytes([code]) for code in b"\x8a\x95}c(]q\x8c")  # what a pickle's version is followed by
_AFTER_IR_VERSION = tuple(bytes([code]) for code in b"\x12\x1a\x22\x2a\x3a\x42")  # ONNX's second field


def check_format(path: Path, start: bytes, expected: str = "safetensors") -> None:
    """Raise `FileFormatError` with a remedy where the file's first bytes are those of a known other format.

    Args:
        start: the file's first bytes; a kilobyte tells an archive's kind.
        expected: "safetensors" or "onnx".
    """
    name = _known_format(start)
    if name and name != expected:
        other = f"is {_NAMES.get(name, name)}, and no {'ONNX model' if expected == 'onnx' else 'safetensors file'}"
        raise FileFormatError(path, _REMEDIES[expected].get(name, other))


_NAMES = {
    "zip": "a ZIP archive",
    "npz": "a NumPy archive (.npz)",
    "npy": "one NumPy array (.npy), which np.load(path, allow_pickle=False) reads",
    "gguf": "a GGUF file, which must be converted where it was made",
}


def _known_format(start: bytes) -> str:
    if start[8:9] == b"{":  # where safetensors has its header, after eight bytes that may look like anything
        return "safetensors"
    if start.startswith(b"PK\x03\x04"):
        return _archive(start)
    if start.startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")) and start[2:3] in _AFTER_PICKLE:
        return "pytorch"
    if start.startswith(b"\x89HDF\r\n"):
        return "keras"
    if start.startswith(b"\x93NUMPY"):
        return "npy"
    if start.startswith(b"GGUF"):
        return "gguf"
    return "onnx" if start[:1] == b"\x08" and start[2:3] in _AFTER_IR_VERSION else ""


def _archive(start: bytes) -> str:
    if b"data.pkl" in start:
        return "pytorch"
    if b".npy" in start:
        return "npz"
    return "keras" if b"metadata.json" in start or b"config.json" in start else "zip"
