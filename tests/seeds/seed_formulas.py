"""Document 004's functions, ``foo`` and ``foo_back``, in plain NumPy and in the document's own index notation.

Layouts are the document's: an image is (H, W, C), a kernel (F, F, C1, C2), one sample at a time. They are loops over
the printed formulas, whose only task is to be independent of the package under test.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def fc(x: Array, w: Array, b: Array) -> Array:
    """``y_i = sum_j w_ij x_j + b_i``."""
    return np.array([sum(w[i, j] * x[j] for j in range(x.size)) + b[i] for i in range(b.size)])


def fc_back(dL_dy: Array, x: Array, w: Array) -> tuple[Array, Array, Array]:
    """``dL/dx_i = sum_j dL/dy_j w_ji``, ``dL/dw_ij = dL/dy_i x_j``, ``dL/db_i = dL/dy_i``."""
    m, n = w.shape
    dL_dx = np.array([sum(dL_dy[j] * w[j, i] for j in range(m)) for i in range(n)])
    dL_dw = np.array([[dL_dy[i] * x[j] for j in range(n)] for i in range(m)])
    return dL_dx, dL_dw, dL_dy.copy()


def relu(x: Array) -> Array:
    """``y_i = max(0, x_i)``."""
    return np.maximum(0.0, x)


def relu_back(dL_dy: Array, y: Array) -> Array:
    """``dL/dx_i = dL/dy_i where y_i > 0, else 0``: the document prints ``y_i >= 0``, which always holds."""
    return np.where(y > 0, dL_dy, 0.0)


def relu_back_as_printed(dL_dy: Array, y: Array) -> Array:
    """``dL/dx_i = dL/dy_i where y_i >= 0, else 0``."""
    return np.where(y >= 0, dL_dy, 0.0)


def maxpool(x: Array, size: int, stride: int) -> Array:
    """The largest of each ``size`` x ``size`` window, channel by channel."""
    rows, columns = (x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1
    y = np.empty((rows, columns, x.shape[2]))
    for k, l in np.ndindex(rows, columns):
        y[k, l] = x[k * stride : k * stride + size, l * stride : l * stride + size].max(axis=(0, 1))
    return y


def maxpool_back(dL_dy: Array, x: Array, size: int, stride: int, y: Array) -> Array:
    """``dL/dy_klc`` goes to the place in its window where ``x`` equals ``y_klc``; the example has no ties."""
    dL_dx = np.zeros_like(x)
    for k, l, c in np.ndindex(*y.shape):
        for i, j in itertools.product(range(k * stride, k * stride + size), range(l * stride, l * stride + size)):
            if x[i, j, c] == y[k, l, c]:
                dL_dx[i, j, c] += dL_dy[k, l, c]
    return dL_dx


def _inside(i: int, j: int, image: Array) -> bool:
    return 0 <= i < image.shape[0] and 0 <= j < image.shape[1]


def conv(x: Array, w: Array, b: Array) -> Array:
    """``y_kld = sum_i sum_j sum_c w_(i-k)(j-l)cd x_ijc + b_d``; ``i - k`` and ``j - l`` count from the kernel's centre.

    Outside the image ``x`` is 0, so that ``y`` has the image's height and width.
    """
    centre = w.shape[0] // 2
    y = np.zeros((*x.shape[:2], w.shape[3]))
    for k, l, d in np.ndindex(*y.shape):
        y[k, l, d] = b[d]
        for p, q, c in np.ndindex(*w.shape[:3]):
            i, j = k + p - centre, l + q - centre
            if _inside(i, j, x):
                y[k, l, d] += w[i - k + centre, j - l + centre, c, d] * x[i, j, c]
    return y


def conv_back(dL_dy: Array, x: Array, w: Array) -> tuple[Array, Array, Array]:
    """``dL/dx_ijk = sum_m sum_n sum_l L_mnl w_(i-m)(j-n)kl``, ``dL/dw_ijcd = sum_k sum_l L_kld x_(k+i)(l+j)c``.

    ``dL/db_d`` is the sum of ``L_kld`` over the image. The document prints ``w_(m-i)(n-j)`` in the first of these.
    """
    dL_dw = np.zeros_like(w)
    centre = w.shape[0] // 2
    for p, q, c, d in np.ndindex(*w.shape):
        i, j = p - centre, q - centre
        dL_dw[p, q, c, d] = sum(
            dL_dy[k, l, d] * x[k + i, l + j, c] for k, l in np.ndindex(*x.shape[:2]) if _inside(k + i, l + j, x)
        )
    return conv_back_input(dL_dy, x, w, sign=1), dL_dw, dL_dy.sum(axis=(0, 1))


def conv_back_input(dL_dy: Array, x: Array, w: Array, sign: int) -> Array:
    """``dL/dx_ijk = sum L_mnl w_(sign (i-m))(sign (j-n))kl``: ``sign=1`` is right, ``sign=-1`` is as printed."""
    centre = w.shape[0] // 2
    dL_dx = np.zeros_like(x)
    for i, j, k in np.ndindex(*x.shape):
        for m, n in np.ndindex(*x.shape[:2]):
            p, q = centre + sign * (i - m), centre + sign * (j - n)
            if _inside(p, q, w):
                dL_dx[i, j, k] += sum(dL_dy[m, n, l] * w[p, q, k, l] for l in range(w.shape[3]))
    return dL_dx


def flatten(x: Array) -> Array:
    """(H, W, C) -> (H W C,)."""
    return x.reshape(-1)


def flatten_back(dL_dy: Array, x: Array) -> Array:
    """The gradient takes the shape of ``x`` again."""
    return dL_dy.reshape(x.shape)


def softmax(x: Array) -> Array:
    """``e^(x_i) / sum_j e^(x_j)``."""
    return np.exp(x) / np.exp(x).sum()


def loss_cross_entropy_softmax(x: Array, y: Array) -> tuple[float, Array]:
    """``L = - sum_i y_i log softmax(x)_i`` (printed without its minus) and ``dL/dx_i = softmax(x)_i - y_i``."""
    return float(-(y * np.log(softmax(x))).sum()), softmax(x) - y


def im2col_sliding(a: Array, size: int) -> Array:
    """Every ``size`` x ``size`` block, stepping one down, then right; each read column by column, into a row."""
    rows, columns = a.shape[0] - size + 1, a.shape[1] - size + 1
    return np.array([a[i : i + size, j : j + size].T.ravel() for j in range(columns) for i in range(rows)])


def im2col_distinct(a: Array, size: int) -> Array:
    """The blocks that do not overlap, which is what ``'distinct'`` names."""
    rows, columns = range(0, a.shape[0], size), range(0, a.shape[1], size)
    return np.array([a[i : i + size, j : j + size].T.ravel() for j in columns for i in rows])


def correlate(image: Array, filter: Array) -> Array:
    """Slide ``filter`` over ``image``, both (H, W), without padding: the sum of products at each place."""
    rows, columns = (a - b + 1 for a, b in zip(image.shape, filter.shape, strict=True))
    out = np.empty((rows, columns))
    for i, j in np.ndindex(rows, columns):
        out[i, j] = sum(image[i + a, j + b] * filter[a, b] for a, b in np.ndindex(*filter.shape))
    return out
