"""Matrix products in blocks that stay in registers, and the stage of a step `matmul`."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.replay.arrays.compiled.assembly import Function, Register
from autograd.replay.arrays.compiled.microkernels import dotting_block, weighing_block, write_dot, write_weigh
from autograd.replay.arrays.compiled.module import Module
from autograd.replay.arrays.compiled.nests import Operand
from autograd.replay.arrays.compiled.views import View
from autograd.replay.arrays.compiled.writer import Stage, Writer, tiles, up


class DotProducts:
    """Each of some rows times each of some others. The results lie block by block, and are put in their places at last.

    Args:
        rows, others: how many.
        length: of each.
    """

    def __init__(self, module: Module, kind: str, rows: int, others: int, length: int) -> None:
        self.module, self.kind, self.rows, self.others, self.length = module, kind, rows, others, length
        self.lanes = module.machine.lanes(kind)
        self.high, self.wide = dotting_block(rows, others, module.machine.registers)
        self._across = -(-others // self.wide)
        self._block = up(self.high * self.wide, self.lanes)
        self.size = -(-rows // self.high) * self._across * self._block  # how many numbers the blocks take

    def write(
        self,
        f: Function,
        row: Register,
        row_step: int,
        other: Register,
        offsets: Sequence[int],
        out: Register,
        add: bool,
    ) -> None:
        """Write the products of row + m · row_step with other + offsets[j]."""
        table = self.module.table(offsets)
        for first, height in tiles(f, self.rows, self.high):
            for left, width in tiles(f, self.others, self.wide):
                kernel = self.module.kernel(
                    write_dot, self.kind, rows=height, others=width, length=self.length, row_step=row_step, add=add
                )
                own = f.at(row, f.times(first, row_step), self.kind)
                f.call(kernel, own, other, f.at(table, left, "i64"), self._place(f, out, first, left))

    def _place(self, f: Function, blocks: Register, first: Register, left: Register) -> Register:
        """The address of the block of these rows and others."""
        down, across = (f.op(f"udiv i64 {at}, {size}") for at, size in ((first, self.high), (left, self.wide)))
        number = f.plus(f.times(down, self._across), across)
        return f.at(blocks, f.times(number, self._block), self.kind)

    def put(self, f: Function, blocks: Register, out: Register, strides: tuple[int, int], add: bool) -> None:
        """Write the results to where they belong, row by row of a block."""
        lanes = self.lanes if strides[1] == 1 else 1
        for first, height in tiles(f, self.rows, self.high):
            for left, width in tiles(f, self.others, self.wide):
                source = self._place(f, blocks, first, left)
                target = f.at(out, f.plus(f.times(first, strides[0]), f.times(left, strides[1])), self.kind)
                for m in range(height):
                    for k in range(0, width, lanes):
                        count = min(lanes, width - k)
                        total = f.load(f.at(source, m * width + k, self.kind), self.kind, lanes, count)
                        place = f.at(target, m * strides[0] + k * strides[1], self.kind)
                        if add:
                            before = f.load(place, self.kind, lanes, count)
                            total = f.binary("fadd", before, total, self.kind, lanes)
                        f.store(total, place, self.kind, lanes, count)


def write_product(
    w: Writer, stage: int, kind: str, sizes: tuple[int, int, int], a: Operand, b: Operand, out: Operand, add: bool
) -> None:
    """out (+)= a · b, of (M, K) and (K, N), in whichever of three ways the strides allow; `sizes` are M, K and N."""
    rows, summed, columns = sizes
    if b.strides[1] == out.strides[1] == 1:
        _weighed(w, kind, sizes, a, b, out, add)
    elif a.strides[0] == out.strides[0] == 1:
        _weighed(w, kind, (columns, summed, rows), _swapped(b), _swapped(a), _swapped(out), add)
    else:
        dots = DotProducts(w.module, kind, rows, columns, summed)
        blocks = w.work(stage, "blocks", dots.size, kind)
        offsets = [j * b.strides[1] for j in range(columns)]
        dots.write(w.f, a.pointer, a.strides[0], b.pointer, offsets, blocks, add=False)
        dots.put(w.f, blocks, out.pointer, (out.strides[0], out.strides[1]), add)


def can_multiply(a: tuple[int, ...], b: tuple[int, ...], out: tuple[int, ...]) -> bool:
    """Whether `write_product` takes arrays of these strides."""
    return b[1] == out[1] == 1 or a[0] == out[0] == 1 or a[1] == b[0] == 1


def _swapped(operand: Operand) -> Operand:
    return Operand(operand.pointer, operand.strides[::-1])


def _weighed(
    w: Writer, kind: str, sizes: tuple[int, int, int], a: Operand, b: Operand, out: Operand, add: bool
) -> None:
    rows, summed, columns = sizes
    f, lanes = w.f, w.module.machine.lanes(kind)
    vectors = -(-columns // lanes)
    high, wide = weighing_block(rows, vectors, w.module.machine.registers)
    whole = columns // lanes

    def block(left: Register, width: int, tail: int | None) -> None:
        for first, height in tiles(f, rows, high):
            kernel = w.module.kernel(
                write_weigh, kind, rows=height, vectors=width, count=summed, taps=((0, 0),),
                step=(b.strides[0], a.strides[1]), row_step=a.strides[0], out_step=out.strides[0], tail=tail, add=add,
            )  # fmt: skip
            f.call(
                kernel,
                f.at(b.pointer, left, kind),
                f.at(a.pointer, f.times(first, a.strides[0]), kind),
                f.at(f.at(out.pointer, f.times(first, out.strides[0]), kind), left, kind),
            )

    for start, width in tiles(f, whole, wide):
        block(f.times(start, lanes), width, None)
    if columns % lanes:
        block(str(whole * lanes), 1, columns % lanes)


class Product(Stage):
    """Products of matrices.

    Args:
        place: of the result.
        arguments: the places of both operands.
        matrices: the operands and the result as stacks of matrices, of the same stack.
    """

    def __init__(self, place: int, arguments: tuple[int, ...], matrices: tuple[View, View, View]) -> None:
        self.a, self.b = arguments
        self.out, self.matrices = place, matrices
        self.makes = (place,)

    def _write(
        self, w: Writer, order: tuple[int, int, int], pointers: Sequence[Register], swapped: Sequence[bool], add: bool
    ) -> None:
        """Write, for each matrix of the stack, the product of the first two of `order` to the third."""
        f, kind = w.f, w.kind(self.out)
        views = [self.matrices[number] for number in order]
        stack = views[0].shape[:-2]

        def matrix(axis: int, places: list[Register]) -> None:
            if axis < len(stack):
                with f.loop(stack[axis]) as loop:
                    steps = [f.times(loop.counter, view.strides[axis]) for view in views]
                    matrix(axis + 1, [f.at(place, step, kind) for place, step in zip(places, steps, strict=True)])
                return
            a, b, out = (
                Operand(place, view.strides[-2:][:: -1 if turned else 1])
                for place, view, turned in zip(places, views, swapped, strict=True)
            )
            (rows, summed), (_, columns) = (
                view.shape[-2:][:: -1 if turned else 1] for view, turned in zip(views[:2], swapped[:2], strict=True)
            )
            write_product(w, self.number, kind, (rows, summed, columns), a, b, out, add)

        matrix(0, list(pointers))

    def forward(self, w: Writer) -> None:
        pointers = [w.value(place).pointer for place in (self.a, self.b, self.out)]
        self._write(w, (0, 1, 2), pointers, (False, False, False), add=False)

    def backward_of(self, w: Writer) -> None:
        gradient = w.gradient(self.out).pointer
        if w.tape.requires[self.a]:
            b = w.value(self.b).pointer
            to_a, first = w.contribution(self.a)
            self._write(w, (2, 1, 0), [gradient, b, to_a.pointer], (False, True, False), add=not first)
        if w.tape.requires[self.b]:
            a = w.value(self.a).pointer
            to_b, first = w.contribution(self.b)
            self._write(w, (0, 2, 1), [a, gradient, to_b.pointer], (True, False, False), add=not first)
