"""Handed in too early."""

import numpy as np


def FC(x, w, b):
    return w @ x  # + b is missing


def FC_back(dLdy, x, w, b, y):
    return dLdy @ w, np.outer(x, dLdy), dLdy.sum()  # the transpose of dLdw, a number for dLdb


def Relu(x):
    x[x < 0] = 0  # changes what it was given
    return x


def Relu_backwards(dLdy, x, y):
    return dLdy * (x > 0)


def loss_cross_entropy_softmax(x, y_gt):
    y = np.exp(x) / np.exp(x).sum()
    return -(y_gt * np.log(y)).sum(), y - y_true  # noqa: F821


def Maxpool(x, size, stride):
    k = 0
    while k < x.shape[0]:
        k += 0  # TODO
    return x


def Maxpool_back(dLdy, x, size, stride, y):
    return np.zeros_like(x)
