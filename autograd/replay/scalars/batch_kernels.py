"""The compiled loops over a plan's groups whose rows carry a batch; importing this module needs numba.

Two kernels, one for each direction, serve every program: they read a table of groups, so that a new program compiles
nothing. Within a group the loop is over its results and then over the batch.
"""

from __future__ import annotations

from typing import Any

from autograd.replay.scalars.calculus import (
    CHAIN,
    COUNT,
    FIRST,
    GATHERED,
    MULTIPLY,
    OPCODE,
    RELU,
    SECOND,
    START,
    TERMS,
    TO_FIRST,
    TO_SECOND,
    USES,
    compiled,
    to_first,
    to_second,
    value,
)


@compiled
def forward(data: Any, table: Any, index: Any) -> None:
    """Compute the rows of the table's groups, in order."""
    for group in range(table.shape[0]):
        opcode, start, count = table[group, OPCODE], table[group, START], table[group, COUNT]
        first, second = table[group, FIRST], table[group, SECOND]
        if opcode == CHAIN:
            _add_up(data, index, start, count, table[group, TERMS], first)
        elif opcode == MULTIPLY:
            for j in range(count):
                x, y = index[first + j], index[second + j]
                for b in range(data.shape[1]):
                    data[start + j, b] = data[x, b] * data[y, b]
        elif opcode == RELU:
            for j in range(count):
                x = index[first + j]
                for b in range(data.shape[1]):
                    data[start + j, b] = 0.0 if data[x, b] <= 0.0 else data[x, b]
        else:
            for j in range(count):
                x = index[first + j]
                y = index[second + j] if second >= 0 else x
                for b in range(data.shape[1]):
                    data[start + j, b] = value(opcode, data[x, b], data[y, b])


@compiled
def backward(data: Any, sources: Any, table: Any, index: Any) -> None:
    """Gather the gradients of the table's groups, in order, and write down their contributions."""
    for group in range(table.shape[0]):
        opcode, start, count = table[group, OPCODE], table[group, START], table[group, COUNT]
        first, second = table[group, FIRST], table[group, SECOND]
        own, other = table[group, TO_FIRST], table[group, TO_SECOND]
        _add_up(sources, index, start, count, table[group, USES], table[group, GATHERED])
        if opcode == MULTIPLY:
            if own >= 0:
                _times(sources, data, index, start, count, second, own)
            if other >= 0:
                _times(sources, data, index, start, count, first, other)
        elif opcode == RELU:
            for j in range(count):
                for b in range(data.shape[1]):
                    sources[own + j, b] = sources[start + j, b] * (1.0 if data[start + j, b] > 0.0 else 0.0)
        elif own >= 0 or other >= 0:
            _products(opcode, data, sources, index, start, count, first, second, own, other)


@compiled
def receive(sources: Any, rows: Any, gathered: Any) -> None:
    """Add up what came to rows that no group computes: (rows,) and (uses, rows)."""
    for j in range(rows.shape[0]):
        own = rows[j]
        for b in range(sources.shape[1]):
            sources[own, b] = 0.0 + sources[gathered[0, j], b]  # 0 from -0, as in eager's sums
        for use in range(1, gathered.shape[0]):
            source = gathered[use, j]
            for b in range(sources.shape[1]):
                sources[own, b] += sources[source, b]


@compiled
def _add_up(data: Any, index: Any, start: int, count: int, terms: int, first: int) -> None:
    """Each of `count` rows from `start` on becomes the sum of its terms, from the first to the last."""
    for j in range(count):
        x = index[first + j]
        for b in range(data.shape[1]):
            data[start + j, b] = data[x, b]
        for term in range(1, terms):
            x = index[first + term * count + j]
            for b in range(data.shape[1]):
                data[start + j, b] += data[x, b]


@compiled
def _times(sources: Any, data: Any, index: Any, start: int, count: int, factor: int, to: int) -> None:
    """Upstream times the other factor."""
    for j in range(count):
        x = index[factor + j]
        for b in range(data.shape[1]):
            sources[to + j, b] = sources[start + j, b] * data[x, b]


@compiled
def _products(
    opcode: int, data: Any, sources: Any, index: Any, start: int, count: int,
    first: int, second: int, own: int, other: int,
) -> None:  # fmt: skip
    """Upstream times local derivative, for each operand that needs it."""
    for j in range(count):
        x = index[first + j]
        y = index[second + j] if second >= 0 else x
        for b in range(data.shape[1]):
            upstream, out = sources[start + j, b], data[start + j, b]
            if own >= 0:
                sources[own + j, b] = upstream * to_first(opcode, out, data[x, b], data[y, b])
            if other >= 0:
                sources[other + j, b] = upstream * to_second(opcode, out, data[x, b], data[y, b])
