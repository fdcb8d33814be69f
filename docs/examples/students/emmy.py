"""The lecture's lines copied as they are printed: five of them have a slip."""

import numpy as np
from ada import FC, Conv, Maxpool, Maxpool_back, Relu  # noqa: F401


def FC_back(dLdy, x, w, b, y):
    dLdw = np.repeat(y[:, None], x.size, axis=1)  # "dL/dw_ij = y_i"
    return dLdy @ w, dLdw, dLdy.copy()


def Relu_back(dLdy, x, y):
    return np.where(y >= 0, dLdy, 0)  # "dL/dx_i = dL/dy_i if y_i >= 0"


def loss_cross_entropy_softmax(x, y_gt):
    y = np.exp(x) / np.exp(x).sum()
    return (y_gt * np.log(y)).sum(), y - y_gt  # "L = sum_i y_i log y~_i", without its minus


def Conv_back(dLdy, x, w, b, y):
    height, width, size = x.shape[0], x.shape[1], w.shape[0]
    zeros = ((size // 2, size // 2), (size // 2, size // 2), (0, 0))
    padded, padded_dLdy = np.pad(x, zeros), np.pad(dLdy, zeros)
    dLdx, dLdw = np.zeros_like(x), np.zeros_like(w)
    for i, j in np.ndindex(size, size):
        dLdx += padded_dLdy[i : i + height, j : j + width] @ w[i, j].T  # "L_mn w_(m-i)(n-j)"
        dLdw[i, j] = np.outer(padded[i : i + height, j : j + width].sum(axis=(0, 1)), dLdy[i, j])  # "L_ij x_(k+i)(l+j)"
    return dLdx, dLdw, dLdy.sum(axis=(0, 1))
