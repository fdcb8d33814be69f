"""Convolutions, plain and transposed."""

from __future__ import annotations

from typing import Any

from nn.functional.arguments import per_axis
from nn.functional.spatial import dilated_spans, padding_pairs
from nn.saving.onnx.writing.emitter import Emitter
from nn.saving.onnx.writing.functions.shared import array_of, batched, common_dtype, flat_pairs
from nn.saving.onnx.writing.registry import writes


@writes("conv1d", "conv2d", "conv3d")
def write_convolution(emitter: Emitter, a: Any) -> str:
    """Conv."""
    kernel = array_of(a.weight).shape[2:]
    axes = len(kernel)
    stride = per_axis("conv", "stride", a.stride, axes, least=1)
    dilation = per_axis("conv", "dilation", a.dilation, axes, least=1)
    pairs = padding_pairs("conv", a.padding, dilated_spans(kernel, dilation), stride)
    dtype = common_dtype(a.input, a.weight, a.bias)
    weights = [emitter.value(array_of(each), dtype) for each in (a.weight, a.bias) if each is not None]

    def convert(x: str) -> str:
        return emitter.operation(
            "Conv", x, *weights, kernel_shape=list(kernel), strides=list(stride), dilations=list(dilation),
            pads=flat_pairs(pairs), group=int(a.groups),
        )  # fmt: skip

    return batched(emitter, a.input, axes, dtype, convert)


@writes("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def write_transposed_convolution(emitter: Emitter, a: Any) -> str:
    """ConvTranspose."""
    kernel = array_of(a.weight).shape[2:]
    axes = len(kernel)
    padding = per_axis("conv_transpose", "padding", a.padding, axes, least=0)
    dtype = common_dtype(a.input, a.weight, a.bias)
    weights = [emitter.value(array_of(each), dtype) for each in (a.weight, a.bias) if each is not None]

    def convert(x: str) -> str:
        return emitter.operation(
            "ConvTranspose", x, *weights, kernel_shape=list(kernel),
            strides=list(per_axis("conv_transpose", "stride", a.stride, axes, least=1)),
            dilations=list(per_axis("conv_transpose", "dilation", a.dilation, axes, least=1)),
            output_padding=list(per_axis("conv_transpose", "output_padding", a.output_padding, axes, least=0)),
            pads=[*padding, *padding], group=int(a.groups),
        )  # fmt: skip

    return batched(emitter, a.input, axes, dtype, convert)
