"""The small functions that a written program defines at its top, each only if it is used."""

from __future__ import annotations

import re

HELPERS: dict[str, str] = {
    "sigmoid": '''
def sigmoid(x):
    """1 / (1 + exp(-x)), without overflow."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)
''',
    "erf": '''
def erf(x):
    """The error function of each element."""
    from math import erf as of_one_number

    return np.vectorize(of_one_number, otypes=[float])(x).astype(x.dtype)
''',
    "logsumexp": '''
def logsumexp(x, axis=None, keepdims=False):
    """log(sum(exp(x))) along axes, without overflow: the largest element is taken out first."""
    largest = x.max(axis=axis, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0)
    out = np.log(np.exp(x - largest).sum(axis=axis, keepdims=True)) + largest
    return out if keepdims else np.squeeze(out, axis=axis)
''',
    "back": '''
def back(reduced, x, axis, keepdims=False):
    """What a reduction of x along axes gave, with those axes put back."""
    axes = tuple(range(x.ndim)) if axis is None else axis
    return reduced if keepdims else np.expand_dims(reduced, axes)
''',
    "first_maximum": '''
def first_maximum(x, axis=None):
    """True at the first largest element along axes, in row-major order; False elsewhere."""
    axes = tuple(range(x.ndim)) if axis is None else axis
    rows = np.moveaxis(x, axes, range(len(axes)))
    first = np.zeros(rows.shape, dtype=bool)
    flat = rows.reshape(int(np.prod(rows.shape[: len(axes)])), -1)
    first.reshape(flat.shape)[flat.argmax(axis=0), np.arange(flat.shape[1])] = True
    return np.moveaxis(first, range(len(axes)), axes)
''',
    "sum_to": '''
def sum_to(x, shape):
    """The sum along the axes by which an array of that shape was broadcast to x's."""
    x = x.sum(axis=tuple(range(x.ndim - len(shape))))
    return x.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)
''',
    "scatter": '''
def scatter(values, index, shape):
    """Zeros of a shape, with the values added where the index points, twice where it points twice."""
    out = np.zeros(shape, dtype=values.dtype)
    np.add.at(out, index, values)
    return out
''',
    "windows": '''
def windows(x, kernel, stride, dilation):
    """Every position of a sliding window along the last axes: (..., *lengths) -> (..., *positions, *kernel)."""
    spans = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation))
    every = np.lib.stride_tricks.sliding_window_view(x, spans, axis=tuple(range(-len(kernel), 0)))
    steps = [slice(None, None, step) for step in (*stride, *dilation)]
    return every[(..., *steps)]
''',
    "overlap_add": '''
def overlap_add(x, shape, kernel, stride, dilation):
    """Each window added back where it was taken from: (..., *positions, *kernel) -> shape."""
    out = np.zeros(shape, dtype=x.dtype)
    positions = x.shape[x.ndim - 2 * len(kernel) : x.ndim - len(kernel)]
    for offset in np.ndindex(*kernel):
        starts = [o * d for o, d in zip(offset, dilation)]
        places = tuple(slice(a, a + s * (n - 1) + 1, s) for a, s, n in zip(starts, stride, positions))
        out[(..., *places)] += x[(..., *offset)]
    return out
''',
    "transposed": '''
def transposed(x):
    """Each matrix of a stack with rows and columns exchanged."""
    return np.swapaxes(x, -1, -2)
''',
    "d_cholesky": '''
def d_cholesky(d_out, out):
    """The gradient of a matrix from that of its Cholesky factor (Murray, 2016); the upper triangle is not read."""
    n = out.shape[-1]
    half = np.tril(np.ones((n, n))) - 0.5 * np.eye(n)
    inverse = np.linalg.inv(out)
    full = transposed(inverse) @ (transposed(out) @ d_out * half) @ inverse
    return ((full + transposed(full)) * half).astype(out.dtype)
''',
    "refuse": '''
def refuse(on_a_kink, operation):
    """Stop where an argument lies on a kink, where there is no derivative."""
    if np.any(on_a_kink):
        raise ArithmeticError(f"{operation}: an argument lies on a kink, where there is no derivative")
''',
}

SCALAR_HELPERS: dict[str, str] = {
    "sigmoid": '''
def sigmoid(x):
    """1 / (1 + exp(-x)), without overflow."""
    small = math.exp(-abs(x))
    return (1.0 if x >= 0 else small) / (1.0 + small)
''',
    "logsumexp": '''
def logsumexp(*numbers):
    """log(sum(exp(x))), without overflow: the largest number is taken out first."""
    largest = max(numbers)
    return largest + math.log(sum(math.exp(x - largest) for x in numbers))
''',
    "refuse": '''
def refuse(on_a_kink, operation):
    """Stop where an argument lies on a kink, where there is no derivative."""
    if on_a_kink:
        raise ArithmeticError(f"{operation}: an argument lies on a kink, where there is no derivative")
''',
}


def helpers_for(text: str, scalars: bool) -> str:
    """The definitions of the helpers that a text calls, and of those that these call."""
    table = SCALAR_HELPERS if scalars else HELPERS
    used: list[str] = []
    waiting = [text]
    while waiting:
        calls = set(re.findall(r"(?<![.\w])(\w+)\(", waiting.pop()))
        for name in table:
            if name in calls and name not in used:
                used.append(name)
                waiting.append(table[name].split('"""')[-1])
    return "\n".join(table[name] for name in table if name in used)
