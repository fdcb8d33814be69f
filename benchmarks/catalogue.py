"""The workloads, in the order of the table."""

from __future__ import annotations

from benchmarks.environments import MICROGRAD, NUMPY, TORCH
from benchmarks.workload import Bar, Workload

OF_FLOAT32 = 1e-4

WORKLOADS = (
    Workload(
        "Value step, 65,000 operations",
        "scalar_step",
        MICROGRAD,
        bar=Bar(1 / 12, "≤ 1/12"),
        seconds=1.0,
        rounds=15,
    ),
    Workload(
        "Value step, garbage collector off",
        "scalar_step",
        MICROGRAD,
        options={"collector": False},
        seconds=0.3,
        rounds=15,
    ),
    Workload(
        "Value node, memory",
        "scalar_step",
        MICROGRAD,
        unit="bytes",
        options={"measure": "bytes"},
        bar=Bar(1 / 4, "≤ 1/4"),
        seconds=0.0,
        rounds=3,
    ),
    Workload(
        "x * w on (4,), with backward",
        "tensor_operation",
        TORCH,
        options={"operation": "multiply"},
        bar=Bar(0.7, "≤ 0.7"),
    ),
    Workload("exp(x) on (4,), with backward", "tensor_operation", TORCH, options={"operation": "exp"}),
    Workload(
        "conv2d (4, 3, 16, 16), with backward",
        "convolution",
        TORCH,
        options={"task": "conv2d", "batch": 4},
        tolerance=OF_FLOAT32,
    ),
    Workload("CNN step, batch 1", "convolution", TORCH, options={"task": "cnn", "batch": 1}, tolerance=OF_FLOAT32),
    Workload("CNN step, batch 16", "convolution", TORCH, options={"task": "cnn", "batch": 16}, tolerance=OF_FLOAT32),
    Workload(
        "import autograd, after / import numpy",
        "import_time",
        NUMPY,
        unit="ms",
        bar=Bar(30.0, "≤ 30 ms", of_ratio=False),
        seconds=0.0,
        rounds=30,
    ),
)
