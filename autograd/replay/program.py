"""`Program`: a recorded graph that runs again, forward and backward, on other numbers, without building nodes."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import replace as changed
from os import PathLike
from typing import Any, Literal, Protocol

import numpy as np

from autograd import mutation
from autograd.errors import GraphError, MutationError, ShapeError
from autograd.progress import Progress
from autograd.recording import next_serial
from autograd.replay.guards import Guards
from autograd.replay.inputs import checked
from autograd.replay.tape import Input, Tape

_MANY = 1_000_000  # numbers to compute, from which on it may take long


class Executor(Protocol):
    """What runs a tape. Arrays that it returns are the caller's own."""

    def run(self, inputs: Sequence[Any], leaves: Sequence[Any], batch: int | None) -> list[Any]:
        """The outputs.

        Args:
            inputs: an array for each input of the tape, of its recorded shape, or with a leading axis of `batch`.
            leaves: the data of each leaf of the tape, in its order.
            batch: the length of that axis; None where no input has one.
        """

    def pull(self, seeds: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """The gradients of the inputs and of the leaves, from the outputs' (None for 0), after the latest run.

        Of an input that is not differentiable it is None. Those of what the batch shares are summed over it.
        """


class Program:
    """A recorded computation; `autograd.replay.record` and `autograd.replay.replay` make it.

    An input with one axis more than was recorded carries a batch: every output then has that axis first, and so has the
    gradient of each input that carried it; gradients of what the batch shares are sums over it.

    A program computes in buffers of its own, planned once. One call at a time uses them; calls from several threads
    take turns, but a `forward` and its `backward` belong together.

    Attributes:
        tape: the recorded graph.
        backend: "numpy" or "numba".
    """

    def __init__(self, tape: Tape, *, backend: Literal["numpy", "numba"] = "numpy") -> None:
        self.tape = tape
        self.backend = backend
        self._guards = Guards(tape)
        read = tuple(guard.place for guard in self._guards.late)  # further outputs, which no caller sees
        self._executor = _executor(changed(self._guards.rest, outputs=tape.outputs + read), backend)
        self._leaves = list(tape.leaves.values())
        self._ones = [np.ones(*self._form(place)) for place in tape.outputs]
        self._unseeded = [None] * len(read)
        self._gives_floats = tape.kind == "value"
        self._numbers = len(tape.codes) if self._gives_floats else sum(map(math.prod, tape.shapes))
        self._batch: int | None = None
        self._has_run = False
        self._ran_at = 0  # on the clock of `next_serial`
        self._lock = threading.RLock()

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What the program takes, in order."""
        return self.tape.inputs

    def __call__(self, *inputs: Any) -> Any:
        """The outputs for these inputs: a float or array, or a tuple where the function returned one."""
        return self.forward(*inputs)

    def forward(self, *inputs: Any) -> Any:
        """Compute the outputs, and keep what `backward` needs.

        Raises:
            ShapeError: an input has neither its recorded shape nor one more axis, or two batches differ in length.
            DTypeError: an input holds what cannot become its recorded dtype.
            GraphError: a number by which Python decided while the function was recorded is another one now.
        """
        with self._lock:  # `backward` reads the inputs again, and whoever gave them may write to them before
            outputs = self._run([np.array(getattr(each, "_data", each)) for each in inputs])
            self._ran_at = next_serial()
            return outputs

    def backward(self, gradient: Any = None) -> tuple[Any, ...]:
        """Differentiate what `forward` computed: add to the `grad` of each leaf, return the gradients of the inputs.

        Args:
            gradient: the upstream gradient of the output, of its shape; a tuple of them (None for 0) for several. An
                output of one number needs none: it is 1 (for each sample of a batch).

        Raises:
            GraphError: nothing has run yet, or an output that is no single number was given no gradient.
            ShapeError: the gradient does not have the output's shape.
            MutationError: a leaf was given other data since `forward`. Data that is written in place, as optimisers
                do, must not be written before this call either, and is not looked for.
        """
        with self._lock:
            self._check_leaves()
            to_inputs, to_leaves = self._pull(gradient)
        if self.tape.kind == "value":
            for leaf, received in zip(self._leaves, to_leaves, strict=True):
                leaf.grad += received
        else:
            for leaf, received in zip(self._leaves, to_leaves, strict=True):
                leaf._accumulate(received)
        return to_inputs

    def value_and_grad(self, *inputs: Any, gradient: Any = None) -> tuple[Any, tuple[Any, ...]]:
        """The outputs, and the gradient of each input: None for one that is not differentiable.

        Unlike `backward` it leaves the `grad` of every leaf as it is.

        Args:
            inputs: as for `forward`.
            gradient: as for `backward`.
        """
        with self._lock:
            return self._run(inputs), self._pull(gradient)[0]

    def _run(self, inputs: Sequence[Any]) -> Any:
        arrays, self._batch = checked(self.tape.inputs, inputs)
        self._has_run = False
        self._guards.check_inputs(arrays)
        outputs = self._told(self._executor.run, arrays, [leaf._data for leaf in self._leaves], self._batch)
        if self._unseeded:
            count = len(self.tape.outputs)
            self._guards.check(outputs[count:])
            outputs = outputs[:count]
        self._has_run = True
        if self._gives_floats and self._batch is None:
            outputs = [float(each) for each in outputs]
        return tuple(outputs) if self.tape.several else outputs[0]

    def _pull(self, gradient: Any) -> tuple[tuple[Any, ...], list[Any]]:
        if not self._has_run:
            raise GraphError("backward: the program has not run yet; call forward first")
        to_inputs, to_leaves = self._told(self._executor.pull, self._seeds(gradient))
        return tuple(to_inputs), to_leaves

    def _told(self, work: Any, *arguments: Any) -> Any:
        """What the executor's work gives; it says what it does where it may take long."""
        if self._numbers * (self._batch or 1) < _MANY:
            return work(*arguments)
        with Progress("running a program"):
            return work(*arguments)

    def _check_leaves(self) -> None:
        if mutation.last_change > self._ran_at:
            for leaf in self._leaves:
                if leaf._notes is not None and leaf._notes.changed > self._ran_at:
                    raise MutationError(
                        f"backward: the data of {leaf.describe()} was changed after the program had used it; run "
                        f"forward again after changing data"
                    )

    # ---- upstream gradients ---------------------------------------------------------------------------------------

    def _seeds(self, gradient: Any) -> list[Any]:
        places = self.tape.outputs
        if gradient is None:
            return [self._one(number) for number in range(len(places))] + self._unseeded
        if not self.tape.several:
            return [self._seed(places[0], gradient), *self._unseeded]
        if not isinstance(gradient, tuple | list) or len(gradient) != len(places):
            raise GraphError(
                f"backward: the program has {len(places)} outputs; give a tuple of as many gradients, None for 0"
            )
        return [self._seed(place, each) for place, each in zip(places, gradient, strict=True)] + self._unseeded

    def _one(self, number: int) -> Any:
        """The upstream gradient of an output of one number: 1, for each sample of a batch."""
        place, one = self.tape.outputs[number], self._ones[number]
        if one.size != 1:
            raise GraphError(
                f"backward: the output {self.tape.label(place)} has shape {one.shape}; only one number has a gradient "
                f"of its own. Reduce it in the recorded function, or give the upstream gradient: backward(gradient)"
            )
        return one if self._batch is None else np.ones((self._batch, *one.shape), one.dtype)

    def _seed(self, place: int, gradient: Any) -> Any:
        if gradient is None:
            return None
        shape, dtype = self._form(place)
        if self._batch is not None:
            shape = (self._batch, *shape)
        elif gradient.__class__ is np.ndarray and gradient.dtype is dtype and gradient.shape == shape:
            return gradient
        seed = np.asarray(gradient, dtype=dtype)
        if seed.shape != shape:
            raise ShapeError(
                f"backward: the gradient has shape {seed.shape} but the output {self.tape.label(place)} has shape "
                f"{shape}"
            )
        return seed

    def _form(self, place: int) -> tuple[tuple[int, ...], Any]:
        """The shape and dtype of a place, without a batch."""
        values = self.tape.kind == "value"
        return ((), np.dtype(float)) if values else (self.tape.shapes[place], self.tape.dtypes[place])

    # ---- other forms ----------------------------------------------------------------------------------------------

    def save(self, path: str | PathLike[str]) -> None:
        """Write the program to two files beside each other; see `autograd.replay.saving.save`."""
        from autograd.replay.saving import save

        save(self, path)

    def to_source(self, *, most_steps: int = 5000) -> str:
        """The program as straight-line NumPy that runs by itself; see `autograd.replay.source.to_source`."""
        from autograd.replay.source import to_source

        return to_source(self.tape, most_steps=most_steps)

    def to_jax(self, *, dtype: Any = None, functions: Any = None) -> Any:
        """The program as a pure function of `jax.numpy` calls; see `autograd.replay.jax.to_jax`."""
        from autograd.replay.jax import to_jax

        return to_jax(self.tape, dtype=dtype, functions=functions)

    def __reduce__(self) -> Any:
        raise TypeError("a Program is not pickled or copied; program.save(path) and autograd.replay.load(path) keep it")

    def __repr__(self) -> str:
        takes = ", ".join(f"{each.name}{list(each.shape)}" if each.shape else each.name for each in self.inputs)
        operations = int(np.count_nonzero(self.tape.codes >= 0))
        return f"Program({takes}; {operations} operations on {self.tape.kind}s, {self.backend})"


def _executor(tape: Tape, backend: str) -> Executor:
    if backend not in ("numpy", "numba"):
        raise ValueError(f"backend={backend!r} is neither 'numpy' nor 'numba'")
    if tape.kind == "value":
        if backend == "numba":
            from autograd.replay.scalars.compiled import CompiledScalars

            return CompiledScalars(tape)
        from autograd.replay.scalars.executor import Scalars

        return Scalars(tape)
    if backend == "numba":
        from autograd.replay.arrays.compiled import CompiledArrays

        return CompiledArrays(tape)
    from autograd.replay.arrays.executor import Arrays

    return Arrays(tape)
