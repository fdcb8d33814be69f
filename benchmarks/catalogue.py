"""The workloads, in the order of the table."""

from __future__ import annotations

from benchmarks.environments import HIPS, JAX, MICROGRAD, MYGRAD, NUMPY, TINYGRAD, TORCH
from benchmarks.workload import MODES, Bar, Workload

OF_FLOAT32 = 1e-4
ON_ARRAYS = (TORCH, JAX, MYGRAD, HIPS, TINYGRAD)


def at_most(*limits: float) -> dict[str, Bar]:
    """Bars of the ratio, mode by mode.

    >>> [bar.text for bar in at_most(0.8, 1 / 700).values()]
    ['≤ 0.8', '≤ 1/700']
    """
    return {mode: Bar(limit, f"≤ {_fraction(limit)}") for mode, limit in zip(MODES, limits, strict=False)}


def own_at_most(unit: str, **limits: float) -> dict[str, Bar]:
    """Bars of gradwalk's own measure.

    >>> own_at_most("bytes", eager=210)["eager"].text
    '≤ 210 bytes'
    """
    return {mode: Bar(limit, f"≤ {limit:g} {unit}", of_ratio=False) for mode, limit in limits.items()}


def _fraction(limit: float) -> str:
    return f"{limit:g}" if limit >= 0.1 else f"1/{1 / limit:,.0f}"


SCALARS = (
    Workload(
        "Value step, 65,000 operations",
        "scalar_step",
        (MICROGRAD, TORCH, MYGRAD, HIPS),
        bars=at_most(1 / 20, 1 / 700, 1 / 3000),
        rounds=5,
        slow=(MYGRAD, HIPS),
    ),
    Workload(
        "Value step, garbage collector off",
        "scalar_step",
        (MICROGRAD,),
        options={"collector": False},
        bars=at_most(0.4, 1 / 70, 1 / 300),
        rounds=15,
    ),
    Workload(
        "Value step, one point replayed as a batch of 100",
        "scalar_step",
        (MICROGRAD,),
        modes=("replay", "fast"),
        options={"measure": "batched"},
        bars={"fast": Bar(1 / 10_000, "≤ 1/10,000")},
        rounds=5,
    ),
    Workload(
        "Value convolution 3x3x8 on 28x28, 104,000 operations",
        "scalar_convolution",
        (MICROGRAD, TORCH),
        bars=at_most(1 / 15, 1 / 100, 1 / 1500),
        rounds=5,
    ),
    Workload(
        "Value node, memory",
        "scalar_step",
        (MICROGRAD,),
        unit="bytes",
        options={"measure": "bytes"},
        bars=own_at_most("bytes", eager=210, replay=60, fast=60),
        seconds=0.0,
        rounds=1,
        quick=False,
    ),
    Workload(
        "chain of 1,000,000 additions",
        "scalar_chain",
        (TORCH, MICROGRAD),
        options={"length": 1_000_000},
        seconds=0.0,
        rounds=3,
        quick=False,
    ),
)

OPERATIONS = tuple(
    Workload(
        f"{written} on (4,), with backward",
        "tensor_operation",
        ON_ARRAYS,
        options={"operation": operation},
        bars=at_most(0.45, 0.2, 0.1),
    )
    for operation, written in (("multiply", "x * w"), ("exp", "exp(x)"))
)

NETWORKS = tuple(
    Workload(
        f"CNN step, batch {batch}",
        "networks",
        ON_ARRAYS,
        options={"task": "cnn", "batch": batch},
        tolerance=OF_FLOAT32,
        bars=at_most(*limits),
        rounds=15,
        quick=batch in (1, 64),
    )
    for batch, limits in {
        1: (0.6, 0.35, 0.15),
        16: (1.2, 0.55, 0.25),
        64: (1.5, 0.85, 0.35),
        256: (1.8, 1.0, 0.5),
    }.items()
)

CONVOLUTIONS = tuple(
    Workload(
        f"conv2d {shape}, batch 32",
        "networks",
        ON_ARRAYS,
        options={"task": "conv2d", "shape": shape},
        tolerance=OF_FLOAT32,
        bars=at_most(*limits),
        rounds=15,
        quick=shape in ((1, 6, 28, 5), (3, 16, 32, 3)),
    )
    for shape, limits in {
        (1, 6, 28, 5): (0.8, 0.55, 0.15),
        (3, 16, 32, 3): (1.8, 1.2, 0.55),
        (16, 32, 32, 3): (2.5, 2.0, 1.1),
        (64, 64, 16, 3): (2.0, 1.5, 1.4),
    }.items()
)

MLP = Workload(
    "MLP 784-256-10 step, batch 64",
    "networks",
    ON_ARRAYS,
    options={"task": "mlp", "batch": 64},
    tolerance=OF_FLOAT32,
    bars=at_most(0.9, 0.75, 0.75),
    rounds=15,
)

STARTS = (
    Workload(
        "import autograd, after / import numpy",
        "import_time",
        (NUMPY,),
        modes=("eager",),
        unit="ms",
        bars=own_at_most("ms", eager=30),
        seconds=0.0,
        rounds=20,
    ),
    *(
        Workload(
            f"{start}, {program}",
            "compilation",
            (),
            modes=("fast",),
            options={"program": program, "cached": cached},
            bars={"fast": Bar(limit, f"≤ {limit:g} s", of_ratio=False)},
            seconds=0.0,
            rounds=7 if cached else 2,
            quick=False,
        )
        for program in ("CNN step", "Value step")
        for start, cached, limit in (("first compilation", False, 10.0), ("cached start", True, 0.5))
    ),
)

WORKLOADS = (*SCALARS, *OPERATIONS, *NETWORKS, *CONVOLUTIONS, MLP, *STARTS)
