"""Each primitive of autograd as ONNX operators, for whatever no function of `nn.functional` stands for as a whole."""

from nn.saving.onnx.writing.primitives import elementwise, gathered, structural

__all__ = ["elementwise", "gathered", "structural"]
