"""The stages of elementwise functions: each as it is declared, in vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from autograd.primitives import elementwise as table
from autograd.replay.arrays.compiled.assembly import Register, constant, vector
from autograd.replay.arrays.compiled.nests import Cell, nest, zero
from autograd.replay.arrays.compiled.writer import Stage, Writer
from autograd.rule import Primitive

Formula = Callable[..., Register]  # of a cell and registers


def _b(name: str) -> Formula:
    return lambda cell, x, y: cell.f.binary(name, x, y, cell.kind, cell.lanes)


def number(cell: Cell, value: float) -> Register:
    """A constant in all lanes."""
    return cell.f.splat(constant(value, cell.kind), cell.kind, cell.lanes)


def call(cell: Cell, name: str, *values: Register) -> Register:
    """A function that LLVM knows."""
    return cell.f.intrinsic(name, cell.kind, cell.lanes, *values)


_add, _sub, _mul, _div = _b("fadd"), _b("fsub"), _b("fmul"), _b("fdiv")


def _negated(cell: Cell, x: Register) -> Register:
    return cell.f.op(f"fneg {vector(cell.kind, cell.lanes)} {x}")


def chosen(cell: Cell, how: str, x: Register, y: Register, then: Register, otherwise: Register) -> Register:
    """`then` where the comparison holds, else `otherwise`."""
    own = vector(cell.kind, cell.lanes)
    gate = cell.f.op(f"fcmp {how} {own} {x}, {y}")
    gates = "i1" if cell.lanes == 1 else f"<{cell.lanes} x i1>"
    return cell.f.op(f"select {gates} {gate}, {own} {then}, {own} {otherwise}")


def _relu(cell: Cell, x: Register) -> Register:
    return chosen(cell, "ugt", x, zero(cell), x, zero(cell))


class Rule(NamedTuple):
    """Attributes:
    forward: of the arguments.
    pulls: for each argument its contribution, of the gradient, the result and the arguments.
    reads_out: whether they read the result.
    reads: which arguments they read.
    heavy: whether NumPy computes it faster, of many numbers.
    """

    forward: Formula
    pulls: Sequence[Formula]
    reads_out: bool = False
    reads: tuple[int, ...] = ()
    heavy: bool = False


RULES: dict[Primitive, Rule] = {
    table.identity: Rule(lambda c, x: x, [lambda c, g, o, x: g]),
    table.add: Rule(_add, [lambda c, g, o, x, y: g, lambda c, g, o, x, y: g]),
    table.subtract: Rule(_sub, [lambda c, g, o, x, y: g, lambda c, g, o, x, y: _negated(c, g)]),
    table.multiply: Rule(
        _mul, [lambda c, g, o, x, y: _mul(c, g, y), lambda c, g, o, x, y: _mul(c, g, x)], reads=(0, 1)
    ),
    table.divide: Rule(
        _div,
        [
            lambda c, g, o, x, y: _mul(c, g, _div(c, number(c, 1.0), y)),
            lambda c, g, o, x, y: _mul(c, g, _div(c, _negated(c, o), y)),
        ],
        reads_out=True,
        reads=(1,),
    ),
    table.negative: Rule(_negated, [lambda c, g, o, x: _negated(c, g)]),
    table.square: Rule(
        lambda c, x: _mul(c, x, x), [lambda c, g, o, x: _mul(c, g, _mul(c, number(c, 2.0), x))], reads=(0,)
    ),
    table.relu: Rule(_relu, [lambda c, g, o, x: chosen(c, "ogt", o, zero(c), g, zero(c))], reads_out=True),
    table.exp: Rule(lambda c, x: call(c, "exp", x), [lambda c, g, o, x: _mul(c, g, o)], reads_out=True, heavy=True),
    table.log: Rule(
        lambda c, x: call(c, "log", x),
        [lambda c, g, o, x: _mul(c, g, _div(c, number(c, 1.0), x))],
        reads=(0,),
        heavy=True,
    ),
    table.sqrt: Rule(
        lambda c, x: call(c, "sqrt", x),
        [lambda c, g, o, x: _mul(c, g, _div(c, number(c, 0.5), o))],
        reads_out=True,
    ),
    table.tanh: Rule(
        lambda c, x: call(c, "tanh", x),
        [lambda c, g, o, x: _mul(c, g, _sub(c, number(c, 1.0), _mul(c, o, o)))],
        reads_out=True,
        heavy=True,
    ),
}


class Elementwise(Stage):
    """One elementwise step."""

    def __init__(self, place: int, rule: Rule, arguments: tuple[int, ...]) -> None:
        self.out, self.rule, self.arguments = place, rule, arguments
        self.makes = (place,)

    def forward(self, w: Writer) -> None:
        shape = w.views[self.out].shape
        operands = [w.value(each, shape) for each in (*self.arguments, self.out)]
        last = len(self.arguments)

        def body(cell: Cell) -> None:
            cell.write(last, self.rule.forward(cell, *(cell.read(k) for k in range(last))))

        nest(w.f, w.kind(self.out), shape, operands, body)

    def backward_of(self, w: Writer) -> None:
        rule, count, shape = self.rule, len(self.arguments), w.views[self.out].shape
        used = {k: w.value(self.arguments[k], shape) for k in rule.reads if self._used(w, k)}
        out = w.value(self.out) if rule.reads_out else None
        operands = [w.gradient(self.out)]
        places: dict[int, int] = {}
        for k, operand in used.items():
            places[k] = len(operands)
            operands.append(operand)
        if out is not None:
            operands.append(out)
        at_out = len(operands) - 1
        targets = []
        self._clear_what_overlaps(w)
        for k, place in enumerate(self.arguments):
            if w.tape.requires[place]:
                operand, first = w.contribution(place, shape)
                targets.append((k, len(operands), first))
                operands.append(operand)

        def body(cell: Cell) -> None:
            gradient = cell.read(0)
            inputs = [cell.read(places[k]) if k in places else "" for k in range(count)]
            result = cell.read(at_out) if out is not None else ""
            for k, target, first in targets:
                contribution = rule.pulls[k](cell, gradient, result, *inputs)
                if first:
                    cell.write(target, contribution)
                else:
                    cell.add(target, contribution)

        added = [target for _, target, first in targets if not first]
        nest(w.f, w.kind(self.out), shape, operands, body, added=added)

    def _used(self, w: Writer, argument: int) -> bool:
        """Whether a contribution that is wanted reads the argument: of a product the one reads the other."""
        if len(self.arguments) == 2 and self.rule.reads == (0, 1):
            return bool(w.tape.requires[self.arguments[1 - argument]])
        return True

    def _clear_what_overlaps(self, w: Writer) -> None:
        """Where two arguments are different views of one array, none of their contributions may be set."""
        views = [w.views[place] for place in self.arguments if w.tape.requires[place]]
        for one, other in pairwise(views):
            if one.root == other.root and one != other and one.root not in w.received:
                w.clear(one.root)
