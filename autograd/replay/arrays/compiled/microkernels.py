"""The two inner loops of every convolution and matrix product, in which a block of results stays in registers.

`weigh`: rows of results, each a sum of shifted rows times numbers. `dot`: products of rows with rows, each summed to a
number. A block is as high and wide as the registers allow, so that each number that is loaded serves several products.
On a core with 32 registers of 64 bytes (AMD Zen 5, float32) a block of 4 rows and 5 vectors reaches 270 GFLOP/s, one of
2 and 12 218, and one of 8 and 3, for which the registers do not suffice, 103.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from autograd.replay.arrays.compiled.assembly import Function, Machine, vector

_UNROLLED = 600  # multiplications that are written out in a row


@lru_cache(maxsize=256)
def weighing_block(rows: int, vectors: int, registers: int) -> tuple[int, int]:
    """How many rows and vectors of results one block holds, for least time over all."""
    return _best(rows, vectors, registers - 2, lambda m, v: m * v + m + 1, lambda m, v: max(m * v / 2, (m + 2 * v) / 2))


@lru_cache(maxsize=256)
def dotting_block(rows: int, others: int, registers: int) -> tuple[int, int]:
    """How many rows are multiplied with how many others in one block."""
    return _best(rows, others, registers - 2, lambda m, j: m * j + m + 1, lambda m, j: max(m * j / 2, (m + 2 * j) / 2))


def _best(
    rows: int, columns: int, registers: int, needed: Callable[[int, int], int], cycles: Callable[[int, int], float]
) -> tuple[int, int]:
    """The block of least time: a cycle makes 2 loads and 2 multiplications; a load across two lines counts twice."""

    def total(m: int, v: int) -> float:
        high, low = divmod(rows, m)
        wide, narrow = divmod(columns, v)
        time = high * wide * cycles(m, v)
        time += high * cycles(m, narrow) if narrow else 0
        time += wide * cycles(low, v) if low else 0
        return time + (cycles(low, narrow) if low and narrow else 0)

    blocks = [
        (m, v) for m in range(1, min(rows, 8) + 1) for v in range(1, min(columns, 12) + 1) if needed(m, v) <= registers
    ]
    return min(blocks, key=lambda block: (total(*block), -block[0] * block[1]))


def write_weigh(
    name: str,
    machine: Machine,
    kind: str,
    *,
    rows: int,
    vectors: int,
    count: int,
    taps: Sequence[tuple[int, int]],
    step: tuple[int, int],
    row_step: int,
    out_step: int,
    tail: int | None = None,
    add: bool = False,
) -> Function:
    """out[m, p] (+)= Σ_c Σ_taps weight[m · row_step + c · step[1] + tap[1]] · x[c · step[0] + tap[0] + p]

    The function takes the addresses of x, weight and out.

    Args:
        rows, vectors: the block of results.
        count: how many c.
        taps: the shift of x and the weight of each term.
        step: from one c to the next, of x and of the weight.
        row_step, out_step: from one row to the next, of the weight and of the results.
        tail: how many numbers of the last vector count; None for all.
        add: whether to add to what `out` holds.
    """
    lanes = machine.lanes(kind)
    f = Function(name, ["%x", "%w", "%out"], machine)
    own = vector(kind, lanes)
    counts = [None] * (vectors - 1) + [tail]

    def products(x: str, w: str, offsets: Sequence[tuple[int, int]], sums: list[str]) -> list[str]:
        sums = list(sums)
        for shift, place in offsets:
            weights = [f.splat(f.load(f.at(w, place + m * row_step, kind), kind, 1), kind, lanes) for m in range(rows)]
            for v in range(vectors):
                part = f.load(f.at(x, shift + v * lanes, kind), kind, lanes, counts[v])
                for m in range(rows):
                    sums[m * vectors + v] = f.fma(weights[m], part, sums[m * vectors + v], kind, lanes)
        return sums

    zeros = [(own, "zeroinitializer")] * (rows * vectors)
    unrolled = 1
    if len(taps) * rows * vectors * 4 <= _UNROLLED and count % 4 == 0:
        unrolled = 4
    many = [(u * step[0] + a, u * step[1] + b) for u in range(unrolled) for a, b in taps]
    with f.loop(count // unrolled, zeros) as loop:
        x = f.at("%x", f.times(loop.counter, step[0] * unrolled), kind)
        w = f.at("%w", f.times(loop.counter, step[1] * unrolled), kind)
        loop.next = products(x, w, many, loop.values)
    for m in range(rows):
        for v in range(vectors):
            place = f.at("%out", m * out_step + v * lanes, kind)
            total = loop.next[m * vectors + v]
            if add:
                total = f.binary("fadd", f.load(place, kind, lanes, counts[v]), total, kind, lanes)
            f.store(total, place, kind, lanes, counts[v])
    return f


def write_dot(
    name: str, machine: Machine, kind: str, *, rows: int, others: int, length: int, row_step: int, add: bool
) -> Function:
    """out[m · others + j] (+)= Σ_p row[m · row_step + p] · other[offsets[j] + p]

    The function takes the addresses of rows, others, offsets (integers) and out.

    Args:
        rows, others: the block of results.
        length: how many p.
        row_step: from one row to the next.
        add: whether to add to what `out` holds.
    """
    lanes = machine.lanes(kind)
    f = Function(name, ["%g", "%x", "%offsets", "%out"], machine)
    places = [f.at("%x", f.op(f"load i64, ptr {f.at('%offsets', j, 'i64')}"), kind) for j in range(others)]

    def products(at: str, sums: list[str], count: int | None) -> list[str]:
        sums = list(sums)
        parts = [f.load(f.at(f.at("%g", m * row_step, kind), at, kind), kind, lanes, count) for m in range(rows)]
        for j in range(others):
            other = f.load(f.at(places[j], at, kind), kind, lanes, count)
            for m in range(rows):
                sums[m * others + j] = f.fma(parts[m], other, sums[m * others + j], kind, lanes)
        return sums

    sums = ["zeroinitializer"] * (rows * others)
    whole, tail = divmod(length, lanes)
    if whole:
        with f.loop(whole, [(vector(kind, lanes), "zeroinitializer")] * (rows * others)) as loop:
            loop.next = products(f.times(loop.counter, lanes), loop.values, None)
        sums = loop.next
    if tail:
        sums = products(str(whole * lanes), sums, tail)
    for k, total in enumerate(f.lane_sums(sums, kind, lanes)):
        place = f.at("%out", k * lanes, kind)
        if add:
            total = f.binary("fadd", f.load(place, kind, lanes), total, kind, lanes)
        f.store(total, place, kind, lanes)
    return f
