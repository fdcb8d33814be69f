"""Peers that are installed here do the same work: every loss and gradient agrees, through the whole harness."""

import pytest

from benchmarks import rounds
from benchmarks.environments import JAX, TORCH
from benchmarks.workload import Workload
from tests.amounts import IS_WHOLE

WORKS = [
    pytest.param(TORCH, "networks", {"task": "cnn", "batch": 3}, 1e-5, id="torch-cnn"),
    pytest.param(TORCH, "networks", {"task": "mlp", "batch": 3}, 1e-5, id="torch-mlp"),
    pytest.param(TORCH, "networks", {"task": "conv2d", "shape": (2, 3, 6, 3), "batch": 2}, 1e-5, id="torch-conv2d"),
    pytest.param(TORCH, "tensor_operation", {"operation": "multiply"}, 1e-14, id="torch-multiply"),
    pytest.param(TORCH, "scalar_chain", {"length": 50}, 1e-14, id="torch-chain"),
    pytest.param(JAX, "networks", {"task": "cnn", "batch": 3}, 1e-5, id="jax-cnn"),
    pytest.param(JAX, "networks", {"task": "mlp", "batch": 3}, 1e-5, id="jax-mlp"),
    pytest.param(JAX, "networks", {"task": "conv2d", "shape": (2, 3, 6, 3), "batch": 2}, 1e-5, id="jax-conv2d"),
    pytest.param(JAX, "tensor_operation", {"operation": "exp"}, 1e-14, id="jax-exp"),
]


SOME = {"torch-cnn", "torch-chain", "jax-cnn", "jax-exp"}  # each starts a process that imports its peer


@pytest.mark.parametrize("peer, module, options, tolerance", [work for work in WORKS if IS_WHOLE or work.id in SOME])
def test_the_peer_computes_the_same(peer, module, options, tolerance):
    pytest.importorskip(peer.distribution, reason=f"{peer.title} is not installed")
    work = Workload("work", module, (peer,), ("eager",), options=options, tolerance=tolerance, seconds=0.0, rounds=1)
    (outcome,) = rounds.run(work, None)
    assert (outcome.status, outcome.reason) == ("measured", "")
    assert outcome.theirs > 0
    assert outcome.peer.startswith(peer.title)
