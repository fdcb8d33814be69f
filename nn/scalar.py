"""A multilayer perceptron of `Value`s, with micrograd's interface: every weight is a node of its own.

No call opens a scope here. While one is open each operation takes the longer way through the recording contexts, which
costs far more than the arithmetic of a scalar.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from autograd import Value
from autograd.errors import ShapeError
from nn.module import Module


class _ScalarModule(Module):
    """A module whose parameters are Values in lists, which `Module` would not find by itself."""

    def _refuse_hidden(self) -> None:
        """Nothing is hidden here: `_own_parameters` looks into the lists."""

    def register_forward_hook(self, hook: Any) -> Any:
        """Refused: a call of a scalar module runs no hooks, as it opens no scope."""
        raise TypeError(
            f"{type(self).__name__}: modules of Values run no forward hooks, and have no summary; see their repr"
        )


class Neuron(_ScalarModule):
    """One neuron: relu(w·x + b), or w·x + b without the nonlinearity.

    Args:
        nin: how many inputs it takes. Their weights are drawn from -1 to 1 by Python's `random`; the bias starts as 0.
        nonlin: False leaves the relu out.

    Raises:
        ShapeError: called with another number of inputs.

    Example:
        >>> import nn, random
        >>> random.seed(1337)
        >>> neuron = nn.Neuron(2)
        >>> neuron
        ReLUNeuron(2)
        >>> neuron([1.0, 2.0]).data == max(0.0, neuron.w[0].data + 2.0 * neuron.w[1].data)
        True
    """

    def __init__(self, nin: int, nonlin: bool = True) -> None:
        super().__init__()
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x: Iterable[Any]) -> Value:
        inputs = x if x.__class__ is list else list(x)
        if len(inputs) != len(self.w):
            raise ShapeError(
                f"{self!r}: takes {len(self.w)} inputs, got {len(inputs)}; give as many, or build it for {len(inputs)}"
            )
        activation = self.b
        for weight, each in zip(self.w, inputs, strict=True):
            activation = activation + weight * each
        return activation.relu() if self.nonlin else activation

    def _own_parameters(self) -> list[tuple[str, Any]]:
        return [(f"w.{place}", weight) for place, weight in enumerate(self.w)] + [("b", self.b)]

    def parameters(self) -> list[Any]:
        """The weights and the bias."""
        return [*self.w, self.b]

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(_ScalarModule):
    """Neurons side by side on the same inputs. A layer of one neuron gives its Value, others a list.

    Args:
        nin: the number of inputs.
        nout: the number of neurons.
        kwargs: for each `Neuron`.

    Example:
        >>> import nn
        >>> nn.Layer(3, 2, nonlin=False)
        Layer of [LinearNeuron(3), LinearNeuron(3)]
    """

    def __init__(self, nin: int, nout: int, **kwargs: Any) -> None:
        super().__init__()
        self.neurons = [Neuron(nin, **kwargs) for _ in range(nout)]

    def __call__(self, x: Any) -> Any:
        x = [x] if isinstance(x, Value) else x  # what a layer of one neuron gives
        inputs = [each if each.__class__ is Value else _constant(each) for each in x]  # one node for all neurons
        outputs = [neuron(inputs) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def _own_parameters(self) -> list[tuple[str, Any]]:
        named = [neuron.named_parameters(f"neurons.{place}") for place, neuron in enumerate(self.neurons)]
        return [pair for pairs in named for pair in pairs]

    def parameters(self) -> list[Any]:
        """The parameters of every neuron, in order."""
        return [value for neuron in self.neurons for value in neuron.parameters()]

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(repr, self.neurons))}]"


class MLP(_ScalarModule):
    """A multilayer perceptron of Values: relu after every layer but the last.

    Args:
        nin: the number of inputs.
        nouts: the number of neurons of each layer.

    Example:
        >>> import nn
        >>> model = nn.MLP(2, [3, 1])
        >>> model
        MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(3)]]
        >>> len(model.parameters())
        13
        >>> for name, value in model.named_parameters():  # names for a picture
        ...     value.label = name
        >>> model([1.0, -2.0]).backward()
        >>> model.layers[1].neurons[0].b
        Value(data=0.0, grad=1.0, name='layers.1.neurons.0.b')
    """

    def __init__(self, nin: int, nouts: Iterable[int]) -> None:
        super().__init__()
        sizes = [nin, *nouts]
        last = len(sizes) - 2
        self.layers = [Layer(sizes[i], sizes[i + 1], nonlin=i != last) for i in range(len(sizes) - 1)]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def _own_parameters(self) -> list[tuple[str, Any]]:
        named = [layer.named_parameters(f"layers.{place}") for place, layer in enumerate(self.layers)]
        return [pair for pairs in named for pair in pairs]

    def parameters(self) -> list[Any]:
        """The parameters of every layer, in order."""
        return [value for layer in self.layers for value in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"


def _constant(x: Any) -> Value:
    return x if isinstance(x, Value) else Value(x, requires_grad=False)
