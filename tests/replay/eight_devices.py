"""Run by test_jax in a process of its own, since JAX counts its devices once: a CNN's gradients on eight devices."""

from __future__ import annotations

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from autograd.replay import record
from tests.replay.cases import convolutional

jax.config.update("jax_enable_x64", True)

DEVICES = 8


def main() -> None:
    assert len(jax.devices()) == DEVICES
    recorded = convolutional()
    program = record(recorded.function, *recorded.inputs)
    f = program.to_jax()
    images, labels = recorded.inputs[0].data, recorded.inputs[1]

    mesh = Mesh(jax.devices(), ("data",))
    along, whole = NamedSharding(mesh, PartitionSpec("data")), NamedSharding(mesh, PartitionSpec())
    arguments = (jax.device_put(f.leaves, whole), jax.device_put(images, along), jax.device_put(labels, along))
    step = jax.jit(jax.value_and_grad(f))
    assert "all-reduce" in step.lower(*arguments).compile().as_text()  # each device had its own images
    loss, gradients = step(*arguments)
    assert len(arguments[1].sharding.device_set) == DEVICES
    assert all(len(each.sharding.device_set) == DEVICES for each in gradients.values())

    single = jax.devices()[0]
    alone, of_one = step(*jax.device_put((f.leaves, images, labels), single))
    np.testing.assert_allclose(loss, alone, rtol=1e-12)
    expected = program.forward(images, labels)
    program.backward()
    np.testing.assert_allclose(loss, expected, rtol=1e-12)
    for (name, gradient), leaf in zip(gradients_in_order(f, gradients), program.tape.leaves.values(), strict=True):
        np.testing.assert_allclose(gradient, of_one[name], rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(gradient, leaf.grad, rtol=1e-10, atol=1e-13)
    print(DEVICES, "devices agree")


def gradients_in_order(f: object, gradients: dict[str, object]) -> list[tuple[str, object]]:
    """By name in the order of the leaves; JAX sorts a dict by its keys."""
    return [(name, gradients[name]) for name in f.leaves]  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
