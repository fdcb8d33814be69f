"""A network worked by hand, whose hand-made gradients are not the gradient: both, symbol by symbol.

The worked example: a 4 x 4 image, two 2 x 2 kernels with stride 2, max pooling, two hidden units with ReLU, softmax
over two outputs, cross-entropy summed over both, and one step of gradient descent. Its forward pass is right. Its
backward pass makes three slips, :data:`SLIPS`, and yet the loss falls: a wrong gradient can point downhill.

The pictures of the image and of the kernels are lost, so both are a reconstruction. :data:`IMAGE` is the ring of ones,
a handwritten 0; of its first patch the example says that all but I(2,2) are 1. The kernels give x1 = x2 = 1, and the
second one ties three of its four windows: after the step another window than the first is the largest, which makes the
printed second forward pass come true to its last digit. It would also come true if b_w2 were left without its update.

>>> from gradwalk.seed003 import comparison
>>> for row in comparison()[:3]:
...     print(f"{row.symbol:7}{row.true:9.4f}{row.document:>9}  {row.slip}")
o1_out   -1.5827  -1.5828  rounding
o2_out    1.5827   1.5828  rounding
o1_in    -0.7364  -0.3682  cross terms
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import NamedTuple

from autograd import Value, functions

__all__ = [
    "DOCUMENT",
    "IMAGE",
    "LEARNING_RATE",
    "PARAMETERS",
    "SLIPS",
    "Row",
    "comparison",
    "descend",
    "hand_gradients",
    "network",
]

LEARNING_RATE = 0.1
IMAGE = ((1.0, 1.0, 1.0, 1.0), (1.0, 0.0, 0.0, 1.0), (1.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0, 1.0))
_PLACES = ((1, 1), (2, 1), (1, 2), (2, 2))  # in the example's order: down the first column, then down the second

#: The parameters before the step. Weights and biases of the two dense layers are printed, those of the kernels are not.
PARAMETERS: Mapping[str, float] = {
    "W1(1,1)": 0.5, "W1(2,1)": 0.25, "W1(1,2)": 0.25, "W1(2,2)": 0.0, "b_w1": 0.0,
    "W2(1,1)": 0.5, "W2(2,1)": 0.25, "W2(1,2)": 0.25, "W2(2,2)": 0.25, "b_w2": 0.0,
    "Wx1h1": 0.5, "Wx1h2": -0.5, "Wx2h1": -0.1, "Wx2h2": 0.1, "bh1": 0.3, "bh2": 0.3,
    "Wh1o1": 0.5, "Wh1o2": 0.3, "Wh2o1": 0.3, "Wh2o2": 0.5, "bo1": 0.5, "bo2": 0.1,
}  # fmt: skip

#: Every number that the worked example prints, as it prints it. In "gradients", a symbol stands for dE_total/d symbol;
#: those of o1_in and o2_in are printed as those of the biases bo1 and bo2, which equal them.
DOCUMENT: Mapping[str, Mapping[str, str]] = {
    "forward": {
        "x1": "1", "x2": "1", "h1_in": "0.7", "h2_in": "-0.1", "h1_out": "0.7", "h2_out": "0",
        "o1_in": "0.85", "o2_in": "0.31", "o1_out": "0.6318", "o2_out": "0.3682", "E_total": "0.9184",
    },
    "local derivatives": {
        "o1_out by o1_in": "0.2326", "o2_out by o2_in": "0.2326", "h1_out by h1_in": "1", "h2_out by h2_in": "0",
        "o_in by Wh1o": "0.7", "o_in by Wh2o": "0", "o_in by bo": "1",
        "h_in by Wx1h": "1", "h_in by Wx2h": "1", "h_in by bh": "1",
    },
    "gradients": {
        "o1_out": "-1.5828", "o2_out": "1.5828", "o1_in": "-0.3682", "o2_in": "0.3682",
        "Wh1o1": "-0.2577", "Wh1o2": "0.2577", "Wh2o1": "0", "Wh2o2": "0", "bo1": "-0.3682", "bo2": "0.3682",
        "h1_out": "-0.0737", "h2_out": "0.0737",
        "Wx1h1": "-0.0737", "Wx1h2": "0", "Wx2h1": "-0.0737", "Wx2h2": "0", "bh1": "-0.0737", "bh2": "0",
        "x1": "-0.0171", "x2": "0.0034",
        "W1(1,1)": "-0.0171", "W1(2,1)": "-0.0171", "W1(1,2)": "-0.0171", "W1(2,2)": "0", "b_w1": "-0.0171",
        "W2(1,1)": "0.0034", "W2(2,1)": "0.0034", "W2(1,2)": "0.0034", "W2(2,2)": "0", "b_w2": "0.0034",
    },
    "second forward": {
        "o1_in": "0.918358", "o2_in": "0.262182", "o1_out": "0.6584", "o2_out": "0.3416", "E_total": "0.8359",
        "reduction": "0.0825",
    },
}  # fmt: skip

#: The slips by name, each with what was done and what it does to the numbers.
SLIPS: Mapping[str, str] = {
    "cross terms": (
        "Softmax ties its outputs together: o1_in changes o2_out too. The example keeps only do1_out/do1_in and "
        "do2_out/do2_in; the cross terms that it drops are as large, so each gradient behind the softmax "
        "is half of the true one."
    ),
    "stray factor": (
        "In the gradients of x1 and x2 the softmax's derivative 0.2326 stands where ReLU's, 1 and 0, belongs: the open "
        "unit is shrunk, and the closed unit lets through what it should stop."
    ),
    "rounding": (
        "Each product is rounded to four digits before the next step uses it: 1/0.6318 is 1.5828 where 1/0.63181 is "
        "1.5827, and -0.1841 + 0.1104 is -0.0737 where the unrounded sum is -0.0736."
    ),
}


class Row(NamedTuple):
    """One gradient: dE_total/d ``symbol``, true and as the example prints it, and the slips between them, if any."""

    symbol: str
    true: float
    document: str
    slip: str


def network(parameters: Mapping[str, float] = PARAMETERS, *, convolution: bool = False) -> dict[str, Value]:
    """Return the network's nodes by their names in the worked example; the loss is ``E_total``.

    ``x = maxpool(conv(I))``, ``h = relu(x W + b)``, ``o = softmax(h W + b)``, ``E = -log o1 - log(1 - o2)``.

    Without ``convolution``, x1 and x2 are leaves with the value 1, and the graph is small enough to read whole.
    With it, the graph starts from the image ``I(i,j)`` and holds ``C1(i,j)`` and ``C2(i,j)`` as well.

    >>> nodes = network()
    >>> nodes["E_total"].backward()
    >>> round(nodes["o1_in"].grad, 4), round(nodes["x1"].grad, 4), round(nodes["x2"].grad, 4)
    (-0.7364, -0.0736, 0.0147)
    """
    wanted = (name for name in parameters if convolution or not name.startswith(("W1", "W2", "b_w")))
    nodes = {name: Value(parameters[name], label=name) for name in wanted}
    if convolution:
        _convolve_and_pool(nodes)
    else:
        nodes |= {name: Value(1.0, label=name) for name in ("x1", "x2")}
    for unit in ("h1", "h2"):
        net = nodes["x1"] * nodes[f"Wx1{unit}"] + nodes["x2"] * nodes[f"Wx2{unit}"] + nodes[f"b{unit}"]
        _keep(nodes, f"{unit}_in", net)
        _keep(nodes, f"{unit}_out", net.relu())
    for unit in ("o1", "o2"):
        net = nodes["h1_out"] * nodes[f"Wh1{unit}"] + nodes["h2_out"] * nodes[f"Wh2{unit}"] + nodes[f"b{unit}"]
        _keep(nodes, f"{unit}_in", net)
    exponentials = {unit: nodes[f"{unit}_in"].exp() for unit in ("o1", "o2")}
    total = exponentials["o1"] + exponentials["o2"]
    for unit, exponential in exponentials.items():
        _keep(nodes, f"{unit}_out", exponential / total)
    _keep(nodes, "E_total", -(nodes["o1_out"].log() + (1 - nodes["o2_out"]).log()))
    return nodes


def _convolve_and_pool(nodes: dict[str, Value]) -> None:
    for i, row in enumerate(IMAGE, start=1):
        for j, pixel in enumerate(row, start=1):
            nodes[f"I({i},{j})"] = Value(pixel, label=f"I({i},{j})")
    for channel in (1, 2):
        cells = []
        for k, l in ((1, 1), (1, 2), (2, 1), (2, 2)):  # row-major: the first of several largest takes the gradient
            top, left = 2 * (k - 1), 2 * (l - 1)  # stride 2
            cell = nodes[f"b_w{channel}"]
            for i, j in _PLACES:
                cell = cell + nodes[f"I({top + i},{left + j})"] * nodes[f"W{channel}({i},{j})"]
            _keep(nodes, f"C{channel}({k},{l})", cell)
            cells.append(cell)
        _keep(nodes, f"x{channel}", functions.max(cells))


def _keep(nodes: dict[str, Value], name: str, node: Value) -> None:
    node.name = name
    nodes[name] = node


def hand_gradients(slips: Collection[str] = tuple(SLIPS)) -> dict[str, float]:
    """Return the worked example's gradients by its own arithmetic, with the named ``slips`` made on purpose.

    With all of them, each number is the printed one; with ``slips=()``, each is the true gradient.

    Raises:
        ValueError: a name in ``slips`` is not in :data:`SLIPS`.

    >>> round(hand_gradients()["x1"], 4), round(hand_gradients(slips=())["x1"], 4)
    (-0.0171, -0.0736)
    """
    if unknown := sorted(set(slips) - set(SLIPS)):
        raise ValueError(f"hand_gradients: no slip is called {unknown}; the slips are {list(SLIPS)}")

    def carried(number: float) -> float:
        return round(number, 4) if "rounding" in slips else number

    weight = PARAMETERS
    o1, o2 = (carried(1 / (1 + math.exp(sign * (0.85 - 0.31)))) for sign in (-1, 1))
    softmax = carried(o1 * o2)  # do1_out/do1_in = do2_out/do2_in; the cross terms are its negative
    dE = {"o1_out": carried(-1 / o1), "o2_out": carried(1 / (1 - o2))}
    across = 0.0 if "cross terms" in slips else softmax
    dE["o1_in"] = dE["o1_out"] * softmax - dE["o2_out"] * across
    dE["o2_in"] = dE["o2_out"] * softmax - dE["o1_out"] * across
    h_out, relu = {"h1": 0.7, "h2": 0.0}, {"h1": 1.0, "h2": 0.0}
    for o in ("o1", "o2"):
        dE |= {f"W{h}{o}": carried(dE[f"{o}_in"] * h_out[h]) for h in h_out}
        dE[f"b{o}"] = carried(dE[f"{o}_in"])
    for h in ("h1", "h2"):
        dE[f"{h}_out"] = carried(dE["o1_in"] * weight[f"W{h}o1"]) + carried(dE["o2_in"] * weight[f"W{h}o2"])
        dE |= {name: carried(dE[f"{h}_out"] * relu[h]) for name in (f"Wx1{h}", f"Wx2{h}", f"b{h}")}
    gate = dict.fromkeys(relu, softmax) if "stray factor" in slips else relu
    for n in (1, 2):
        dE[f"x{n}"] = carried(sum(dE[f"{h}_out"] * gate[h] * weight[f"Wx{n}{h}"] for h in gate))
        dE |= {f"W{n}({i},{j})": dE[f"x{n}"] * IMAGE[i - 1][j - 1] for i, j in _PLACES}
        dE[f"b_w{n}"] = dE[f"x{n}"]
    return {name: dE[name] for name in DOCUMENT["gradients"]}


def descend(gradients: Mapping[str, float], parameters: Mapping[str, float] = PARAMETERS) -> dict[str, float]:
    """Return ``parameters`` after one step of gradient descent, ``w - 0.1 dE/dw``.

    >>> after = network(descend(hand_gradients()), convolution=True)
    >>> f"{after['o1_in'].data:.6f}", f"{after['o2_in'].data:.6f}"  # as printed
    ('0.918358', '0.262182')
    """
    return {name: value - LEARNING_RATE * gradients[name] for name, value in parameters.items()}


def comparison() -> list[Row]:
    """Return one :class:`Row` for each gradient that the worked example prints, in its order.

    >>> [row.symbol for row in comparison() if not row.slip]
    ['Wh2o1', 'Wh2o2', 'Wx1h2', 'Wx2h2', 'bh2', 'W1(2,2)', 'W2(2,2)']
    """
    nodes = network(convolution=True)
    nodes["E_total"].backward()
    return [
        Row(symbol, nodes[symbol].grad, text, "" if text == "0" else _slips_on_the_way(symbol))
        for symbol, text in DOCUMENT["gradients"].items()
    ]


def _slips_on_the_way(symbol: str) -> str:
    if symbol in ("o1_out", "o2_out"):
        return "rounding"
    if symbol.startswith(("o", "Wh", "bo")):
        return "cross terms"
    if symbol.startswith(("h", "Wx", "bh")):
        return "cross terms, rounding"
    return "cross terms, stray factor"
