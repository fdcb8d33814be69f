"""Functions in LLVM's language, written instruction by instruction: a `Function` knows loops, pointers and vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

Register = str  # the name of a value, such as "%12", or a constant


@dataclass(frozen=True)
class Machine:
    """What the code is written for.

    Attributes:
        bytes: of a vector register.
        registers: how many of them there are.
    """

    bytes: int = 64
    registers: int = 32

    def lanes(self, kind: str) -> int:
        """How many numbers a vector holds."""
        return self.bytes // SIZES[kind]


SIZES = {"float": 4, "double": 8, "i8": 1, "i64": 8}
SUFFIXES = {"float": "f32", "double": "f64", "i8": "i8", "i32": "i32", "i64": "i64"}


def constant(number: float, kind: str) -> Register:
    """A floating-point constant; LLVM takes its bits as those of a double."""
    import struct

    import numpy as np

    rounded = float(np.float32(number)) if kind == "float" else float(number)
    return f"0x{struct.unpack('>Q', struct.pack('>d', rounded))[0]:016X}"


def vector(kind: str, lanes: int) -> str:
    """The type of a vector; of one lane, the number itself."""
    return kind if lanes == 1 else f"<{lanes} x {kind}>"


def shape_suffix(kind: str, lanes: int) -> str:
    """How an intrinsic's name tells the type it is for."""
    return SUFFIXES[kind] if lanes == 1 else f"v{lanes}{SUFFIXES[kind]}"


@dataclass
class Loop:
    """A loop while it is being written: its counter, what it carries from turn to turn, and the next turn's."""

    counter: Register
    values: list[Register]
    next: list[Register] = field(default_factory=list)


class Function:
    """One function, while it is being written.

    Args:
        name: its symbol.
        parameters: the names of its parameters, all pointers.
        machine: what it is written for.
    """

    def __init__(self, name: str, parameters: Sequence[str], machine: Machine, *, internal: bool = True) -> None:
        self.name = name
        self.machine = machine
        linkage = "internal " if internal else ""
        arguments = ", ".join(f"ptr {each}" for each in parameters)
        self._head = f"define {linkage}void @{name}({arguments}) noinline nounwind {{"
        self._entry = ["entry:"]  # what is loaded once, ahead of every loop
        self._lines = ["  br label %start", "start:"]
        self._block = "start"
        self._made = 0
        self._pointers: dict[int, Register] = {}
        self.declared: set[str] = set()

    def text(self) -> str:
        """The finished function."""
        return "\n".join([self._head, *self._entry, *self._lines, "  ret void", "}"])

    def pointer(self, slot: int) -> Register:
        """The address that the table of addresses, the function's first parameter `%table`, holds in a slot."""
        if slot not in self._pointers:
            self._entry.append(f"  %a{slot} = getelementptr ptr, ptr %table, i64 {slot}")
            self._entry.append(f"  %p{slot} = load ptr, ptr %a{slot}")
            self._pointers[slot] = f"%p{slot}"
        return self._pointers[slot]

    def emit(self, instruction: str) -> None:
        """Write an instruction without a result."""
        self._lines.append("  " + instruction)

    def op(self, instruction: str) -> Register:
        """Write an instruction; its result's register."""
        self._made += 1
        self._lines.append(f"  %r{self._made} = {instruction}")
        return f"%r{self._made}"

    # ---- control --------------------------------------------------------------------------------------------------

    @contextmanager
    def loop(self, count: int | Register, carried: Sequence[tuple[str, Register]] = ()) -> Iterator[Loop]:
        """Turns 0 to count - 1; `carried` are pairs of a type and a first value, `next` holds the last ones then."""
        self._made += 1
        own = self._made
        head, before = f"head{own}", self._block
        self.emit(f"br label %{head}")
        self._lines.append(f"{head}:")
        place = len(self._lines)
        self._block = head
        loop = Loop(f"%i{own}", [f"%c{own}.{k}" for k in range(len(carried))])
        yield loop
        latch = self._block
        phis = [f"  {loop.counter} = phi i64 [ 0, %{before} ], [ %n{own}, %{latch} ]"]
        for (kind, first), name, after in zip(carried, loop.values, loop.next, strict=True):
            phis.append(f"  {name} = phi {kind} [ {first}, %{before} ], [ {after}, %{latch} ]")
        self._lines[place:place] = phis
        self.emit(f"%n{own} = add nuw nsw i64 {loop.counter}, 1")
        self.emit(f"%e{own} = icmp eq i64 %n{own}, {count}")
        self.emit(f"br i1 %e{own}, label %after{own}, label %{head}")
        self._lines.append(f"after{own}:")
        self._block = f"after{own}"

    def call(self, name: str, *pointers: Register) -> None:
        """Call another function of the module."""
        self.emit(f"call void @{name}({', '.join(f'ptr {each}' for each in pointers)})")

    # ---- addresses ------------------------------------------------------------------------------------------------

    def times(self, counter: Register, factor: int) -> Register:
        """counter · factor"""
        return counter if factor == 1 else self.op(f"mul nsw i64 {counter}, {factor}")

    def plus(self, a: Register, b: Register | int) -> Register:
        """a + b, of counters."""
        return a if b == 0 else self.op(f"add nsw i64 {a}, {b}")

    def at(self, pointer: Register, offset: Register | int, kind: str) -> Register:
        """The address of the element `offset` places on."""
        return pointer if offset == 0 else self.op(f"getelementptr {kind}, ptr {pointer}, i64 {offset}")

    # ---- numbers and vectors --------------------------------------------------------------------------------------

    def load(self, pointer: Register, kind: str, lanes: int, count: int | None = None) -> Register:
        """A vector from memory; of `count` lanes only, 0 in the others, where it is given."""
        own, size = vector(kind, lanes), SIZES[kind]
        if count is None or count == lanes:
            return self.op(f"load {own}, ptr {pointer}, align {size}")
        name = f"@llvm.masked.load.{shape_suffix(kind, lanes)}.p0"
        mask = f"<{lanes} x i1>"
        self.declared.add(f"declare {own} {name}(ptr, i32, {mask}, {own})")
        return self.op(
            f"call {own} {name}(ptr {pointer}, i32 {size}, {mask} {_first(count, lanes)}, {own} zeroinitializer)"
        )

    def store(self, value: Register, pointer: Register, kind: str, lanes: int, count: int | None = None) -> None:
        """A vector into memory; its first `count` lanes only, where it is given."""
        own, size = vector(kind, lanes), SIZES[kind]
        if count is None or count == lanes:
            self.emit(f"store {own} {value}, ptr {pointer}, align {size}")
            return
        name = f"@llvm.masked.store.{shape_suffix(kind, lanes)}.p0"
        mask = f"<{lanes} x i1>"
        self.declared.add(f"declare void {name}({own}, ptr, i32, {mask})")
        self.emit(f"call void {name}({own} {value}, ptr {pointer}, i32 {size}, {mask} {_first(count, lanes)})")

    def splat(self, number: Register, kind: str, lanes: int) -> Register:
        """A vector of one number in all lanes."""
        if lanes == 1:
            return number
        own = vector(kind, lanes)
        one = self.op(f"insertelement {own} poison, {kind} {number}, i64 0")
        return self.op(f"shufflevector {own} {one}, {own} poison, <{lanes} x i32> zeroinitializer")

    def fma(self, a: Register, b: Register, c: Register, kind: str, lanes: int) -> Register:
        """a · b + c, rounded once."""
        return self.intrinsic("fma", kind, lanes, a, b, c)

    def intrinsic(self, name: str, kind: str, lanes: int, *values: Register) -> Register:
        """A function that LLVM knows, of as many arguments of one type."""
        own = vector(kind, lanes)
        full = f"@llvm.{name}.{shape_suffix(kind, lanes)}"
        self.declared.add(f"declare {own} {full}({', '.join([own] * len(values))})")
        return self.op(f"call {own} {full}({', '.join(f'{own} {each}' for each in values)})")

    def shuffle(self, a: Register, b: Register, places: Sequence[int], kind: str, lanes: int) -> Register:
        """The lanes at `places` of a and b set side by side."""
        mask = ", ".join(f"i32 {each}" for each in places)
        own = vector(kind, lanes)
        return self.op(f"shufflevector {own} {a}, {own} {b}, <{len(places)} x i32> <{mask}>")

    def binary(self, name: str, a: Register, b: Register, kind: str, lanes: int) -> Register:
        """An instruction of two operands, such as fadd."""
        return self.op(f"{name} {vector(kind, lanes)} {a}, {b}")

    def lane_sums(self, values: Sequence[Register], kind: str, lanes: int) -> list[Register]:
        """The sum of each vector's lanes, side by side in as few vectors as hold them, in their order.

        Two vectors at a time become one that holds half as many partial sums of each: 24 of 16 lanes take 70
        instructions, a third of what summing each by itself takes.
        """
        rows = list(values)
        size = 1  # how many vectors lie in each row, interleaved
        while size < lanes:
            if len(rows) % 2:
                rows.append("zeroinitializer")
            rows = [self._halves(rows[k], rows[k + 1], kind, lanes) for k in range(0, len(rows), 2)]
            size *= 2
        return rows

    def lane_sum(self, value: Register, kind: str, lanes: int) -> Register:
        """The sum of one vector's lanes, as a number."""
        if lanes == 1:
            return value
        own, name = vector(kind, lanes), f"@llvm.vector.reduce.fadd.{shape_suffix(kind, lanes)}"
        self.declared.add(f"declare {kind} {name}({kind}, {own})")
        return self.op(f"call reassoc {kind} {name}({kind} {constant(-0.0, kind)}, {own} {value})")

    def only(self, value: Register, kind: str, lanes: int, count: int | None) -> Register:
        """A vector with 0 in all but its first `count` lanes."""
        if count is None or count == lanes:
            return value
        own = vector(kind, lanes)
        return self.op(f"select <{lanes} x i1> {_first(count, lanes)}, {own} {value}, {own} zeroinitializer")

    def _halves(self, a: Register, b: Register, kind: str, lanes: int) -> Register:
        even = self.shuffle(a, b, range(0, 2 * lanes, 2), kind, lanes)
        odd = self.shuffle(a, b, range(1, 2 * lanes, 2), kind, lanes)
        return self.binary("fadd", even, odd, kind, lanes)


def _first(count: int, lanes: int) -> str:
    return "<" + ", ".join(f"i1 {int(lane < count)}" for lane in range(lanes)) + ">"
