"""Every function right, with the loops of the formulas."""

import numpy as np


def FC(x, w, b):
    return w @ x + b


def FC_back(dLdy, x, w, b, y):
    return dLdy @ w, np.outer(dLdy, x), dLdy.copy()


def Relu(x):
    return np.maximum(0, x)


def Relu_back(dLdy, x, y):
    return dLdy * (y > 0)


def loss_cross_entropy_softmax(x, y_gt):
    probabilities = np.exp(x - x.max())
    probabilities /= probabilities.sum()
    return -(y_gt * np.log(probabilities)).sum(), probabilities - y_gt


def Maxpool(x, size, stride):
    height, width = (x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1
    y = np.zeros((height, width, x.shape[2]))
    for k in range(height):
        for l in range(width):
            y[k, l] = x[k * stride : k * stride + size, l * stride : l * stride + size].max(axis=(0, 1))
    return y


def Maxpool_back(dLdy, x, size, stride, y):
    dLdx = np.zeros_like(x)
    for k, l, c in np.ndindex(*y.shape):
        window = x[k * stride : k * stride + size, l * stride : l * stride + size, c]
        i, j = np.unravel_index(window.argmax(), window.shape)
        dLdx[k * stride + i, l * stride + j, c] += dLdy[k, l, c]
    return dLdx


def Conv(x, w, b):
    around = w.shape[0] // 2
    padded = np.pad(x, ((around, around), (around, around), (0, 0)))
    y = np.zeros((x.shape[0], x.shape[1], w.shape[3]))
    for k, l in np.ndindex(x.shape[0], x.shape[1]):
        window = padded[k : k + w.shape[0], l : l + w.shape[1]]
        y[k, l] = np.tensordot(window, w, axes=3) + b
    return y


def Conv_back(dLdy, x, w, b, y):
    around = w.shape[0] // 2
    padded = np.pad(x, ((around, around), (around, around), (0, 0)))
    dLdpadded, dLdw = np.zeros_like(padded), np.zeros_like(w)
    for k, l in np.ndindex(x.shape[0], x.shape[1]):
        rows, columns = slice(k, k + w.shape[0]), slice(l, l + w.shape[1])
        dLdpadded[rows, columns] += w @ dLdy[k, l]
        dLdw += padded[rows, columns, :, None] * dLdy[k, l]
    inner = slice(around, -around or None)
    return dLdpadded[inner, inner], dLdw, dLdy.sum(axis=(0, 1))
