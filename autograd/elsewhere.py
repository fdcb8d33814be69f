"""What other libraries' methods are called here, for the message of an attribute that does not exist."""

from __future__ import annotations

_TORCH = {
    "view": "reshape(...)",
    "permute": "transpose(...), with every axis",
    "unsqueeze": "autograd.expand_dims(x, axis), or x[None]",
    "masked_fill": "autograd.where(mask, value, x)",
    "expand": "autograd.broadcast_to(x, shape)",
    "expand_as": "autograd.broadcast_to(x, shape)",
    "cat": "autograd.concatenate([...], axis)",
    "numel": "size",
    "dim": "ndim",
    "t": "T",
    "mm": "x @ y",
    "bmm": "x @ y",
    "matmul": "x @ y",
    "add_": "a new node, x + y; a leaf's numbers change by `.data += ...`",
    "sub_": "a new node, x - y; a leaf's numbers change by `.data -= ...`",
    "mul_": "a new node, x * y; a leaf's numbers change by `.data *= ...`",
    "copy_": "`.data = array`",
    "fill_": "`.data[...] = value`",
    "clone": "x itself: nodes do not change; or detach() for a copy of its numbers",
    "contiguous": "x itself: there is nothing to do",
    "cpu": "x itself: it is on the CPU",
    "cuda": "x itself: everything runs on the CPU",
    "to": "astype(dtype)",
    "float": 'astype("float32")',
    "double": 'astype("float64")',
    "half": 'astype("float16")',
    "type": "astype(dtype)",
    "pow": "x ** y",
    "clamp": "clip(lower, upper)",
    "softmax": "nn.functional.softmax(x, dim)",
    "log_softmax": "nn.functional.log_softmax(x, dim)",
    "tolist": "numpy().tolist()",
    "gather": "autograd.gather(x, axis, index)",
    "scatter": "autograd.scatter(x, axis, index, src)",
    "scatter_add": "autograd.scatter_add(x, axis, index, src)",
    "split": "autograd.split(x, sections, axis)",
    "chunk": "autograd.split(x, sections, axis)",
    "sort": "autograd.sort(x, axis)",
    "tril": "autograd.tril(x, k)",
    "triu": "autograd.triu(x, k)",
    "sign": "autograd.sign(x)",
    "floor": "autograd.floor(x)",
    "ceil": "autograd.ceil(x)",
    "retain_grad": "nothing: every node keeps its gradient",
    "register_full_backward_hook": "register_hook(function)",
}


def hint(name: str) -> str:
    """What to write for a method of PyTorch's; empty where nothing is known.

    >>> hint("unsqueeze")
    '; write autograd.expand_dims(x, axis), or x[None]'
    """
    return f"; write {_TORCH[name]}" if name in _TORCH else ""
