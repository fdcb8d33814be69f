"""A program as a pure function of `jax.numpy`: compiled, put on an accelerator, sharded over devices by JAX."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograd.optional import optional
from autograd.replay.tape import Tape

__all__ = ["to_jax"]


def to_jax(tape: Tape, *, dtype: Any = None, functions: Mapping[str, Callable[..., Any]] | None = None) -> Any:
    """The program as a pure function ``f(leaves, *inputs)`` that JAX can trace, compile, differentiate and shard.

    ``f.leaves`` is a dict with the data that the captured leaves hold now, under the leaves' names, or ``leaf_1``,
    ``leaf_2``, ... in the order of ``program.tape.leaves`` where they have none. ``f(f.leaves, *inputs)`` gives what
    ``program(*inputs)`` gives, ``jax.grad(f)`` the gradient of every leaf as such a dict, ``jax.vmap(f, (None, 0))`` a
    batch, and ``f.store(leaves)`` writes what was trained in JAX back to the leaves.

    For data-parallel training shard the inputs along their first axis, and leave the leaves whole on each device::

        mesh = jax.sharding.Mesh(jax.devices(), ("data",))  # not of explicit axes: XLA finds the other shardings
        along = NamedSharding(mesh, PartitionSpec("data"))
        step = jax.jit(jax.value_and_grad(f))
        loss, gradients = step(f.leaves, jax.device_put(images, along), jax.device_put(labels, along))

    The derivatives are JAX's own rules. They agree with this engine's, at kinks too, except that

    - ``kinks(...="raise")`` does not raise, a singular matrix gives infinities or NaN, an index beyond the end the last
      element, and a decision by Python that would come out otherwise is not noticed: compiled code cannot raise;
    - 0·inf is NaN in a gradient, where this engine hands on nothing.

    Values are traced one by one: for thousands of them, not for hundreds of thousands.

    Args:
        tape: the recorded graph; `Program.to_jax` hands it on.
        dtype: compute all floating-point numbers in this dtype instead of the recorded ones.
        functions: for primitives of your own, by name, the same in `jax.numpy`.

    Raises:
        ImportError: JAX is not installed.
        DTypeError: the program holds float64, which JAX would silently make float32 unless ``jax_enable_x64`` is set.
            Set it, record with float32, or say ``dtype="float32"``. Also asked in each call.
        LookupError: a primitive has no JAX function.

    Example:
        >>> import jax
        >>> import numpy as np
        >>> from autograd import Tensor
        >>> from autograd.replay import record
        >>> w = Tensor(np.array([2.0, 3.0], np.float32), requires_grad=True, name="w")
        >>> program = record(lambda x: (w * x).sum(), np.ones(2, np.float32))
        >>> f = program.to_jax()
        >>> float(jax.jit(f)(f.leaves, [10.0, 1.0]))
        23.0
        >>> jax.grad(f)(f.leaves, [10.0, 1.0])
        {'w': Array([10.,  1.], dtype=float32)}
    """
    optional("jax", of="JAX", extra="jax", needed_by="to_jax", otherwise="take Program.to_source, which needs nothing")
    from autograd.replay.jax.function import JaxFunction

    return JaxFunction(tape, dtype=dtype, functions=functions or {})
