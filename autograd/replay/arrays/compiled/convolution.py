"""The stage of a convolution: pad -> windows -> contract, an added bias, and perhaps relu and max pooling behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd.replay.arrays.compiled.assembly import Register
from autograd.replay.arrays.compiled.geometry import Geometry, Phase
from autograd.replay.arrays.compiled.microkernels import weighing_block, write_weigh
from autograd.replay.arrays.compiled.nests import Cell, Operand, nest, zero
from autograd.replay.arrays.compiled.pooling import Pooling
from autograd.replay.arrays.compiled.products import DotProducts
from autograd.replay.arrays.compiled.writer import Stage, Writer, copied, increased, tiles


@dataclass
class Convolution(Stage):
    """Attributes:
    geometry: lengths and shifts.
    x: the place of the images, before padding: (N, C, ...) or, in groups, (N, G, C, ...); without a batch no N.
    weight: (O, C, ...) or (G, O, C, ...).
    bias: the place of what is added to the result, the same at every pixel; None for nothing.
    bias_step: from kernel to kernel.
    out: the place of the result.
    batched: whether there is an N.
    pooling: what follows before the result; None for nothing.
    """

    geometry: Geometry
    x: int
    weight: int
    bias: int | None
    bias_step: int
    out: int
    batched: bool
    pooling: Pooling | None = None

    def __post_init__(self) -> None:
        self.makes = (self.out,)

    # ---- forward --------------------------------------------------------------------------------------------------

    def forward(self, w: Writer) -> None:
        f, g, kind = w.f, self.geometry, w.kind(self.out)
        weight, images, out = w.value(self.weight).pointer, self._images(w), w.value(self.out)
        bias = None if self.bias is None else w.value(self.bias)
        results = w.work(self.number, "results", 8 * g.y_pitch, kind)
        chosen = self._chosen(w)
        high, wide = weighing_block(g.kernels, g.vectors, w.module.machine.registers)
        with f.loop(g.examples // g.block) as block:
            first = f.times(block.counter, g.block)
            self._lay_images(w, first, images)
            with f.loop(g.groups) as group:
                x = f.at(images, f.times(group.counter, g.channels * g.x_pitch), kind)
                for row, height in tiles(f, g.kernels, high):
                    kernel = f.plus(f.times(group.counter, g.kernels), row)
                    own = f.at(weight, f.times(kernel, g.channels * g.taps), kind)
                    self._weigh(
                        w, (x, own, results), (g.vectors, wide),
                        rows=height, count=g.channels, taps=tuple((shift, tap) for tap, shift in enumerate(g.shifts)),
                        step=(g.x_pitch, g.taps), row_step=g.channels * g.taps, out_step=g.y_pitch,
                    )  # fmt: skip
                    added = None if bias is None else f.at(bias.pointer, f.times(kernel, self.bias_step), kind)
                    if self.pooling is None:
                        self._put(w, results, height, added, out, first, kernel)
                    else:
                        self.pooling.write(w, g, results, height, added, self.bias_step, out, chosen, first, kernel)

    def _weigh(
        self, w: Writer, pointers: tuple[Register, Register, Register], vectors: tuple[int, int], **parameters: Any
    ) -> None:
        """Write some rows of results, block by block: of so many vectors, so many at a time; see `write_weigh`."""
        f, g, kind = w.f, self.geometry, w.kind(self.out)
        x, weight, out = pointers
        for start, width in tiles(f, *vectors):
            name = w.module.kernel(write_weigh, kind, vectors=width, **parameters)
            at = f.times(start, g.lanes)
            f.call(name, f.at(x, at, kind), weight, f.at(out, at, kind))

    def _images(self, w: Writer) -> Register:
        g = self.geometry
        return w.work(self.number, "images", g.groups * g.channels * g.x_pitch + g.lanes, w.kind(self.out))

    def _chosen(self, w: Writer) -> Register:
        """Which element of each pooling window was chosen, a byte for each."""
        if self.pooling is None:
            return ""
        g = self.geometry
        return w.work(self.number, "chosen", g.examples * g.groups * g.kernels * self.pooling.windows + 64, "i8")

    def _spread(self, place_strides: tuple[int, ...], channels: int) -> tuple[int, ...]:
        """The strides of images as of (N, G, C, ...)."""
        axes = len(self.geometry.image)
        leading, spatial = place_strides[:-axes], place_strides[-axes:]
        if not self.batched:
            leading = (0, *leading)
        if len(leading) == 2:
            leading = (leading[0], leading[1] * channels, leading[1])
        return (*leading, *spatial)

    def _lay_images(self, w: Writer, first: Register, images: Register) -> None:
        """Copy a block of images to where they are padded; what lies around them stays 0."""
        f, g, kind = w.f, self.geometry, w.kind(self.out)
        x = w.value(self.x)
        strides = self._spread(x.strides, g.channels)
        pointer = f.at(x.pointer, f.times(first, strides[0]), kind)
        own = (g.example, g.channels * g.x_pitch, g.x_pitch, *g.steps)
        for phase in g.phases:
            start, moved = self._pixels(phase, strides)
            source = Operand(f.at(pointer, start, kind), moved)
            target = Operand(f.at(images, phase.number * g.phase_pitch + phase.inside, kind), own)
            nest(f, kind, (g.block, g.groups, g.channels, *phase.counts), [source, target], copied)

    def _pixels(self, phase: Phase, strides: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
        """Where the pixels of a phase lie in images of these strides: the first, and the steps to the others."""
        leading, spatial = strides[:3], strides[3:]
        start = sum(place * step for place, step in zip(phase.first, spatial, strict=True))
        return start, (*leading, *(s * step for s, step in zip(self.geometry.stride, spatial, strict=True)))

    def _put(
        self,
        w: Writer,
        results: Register,
        height: int,
        bias: Register | None,
        out: Operand,
        first: Register,
        kernel: Register,
    ) -> None:
        """Copy results of some kernels to their places, with the bias added."""
        f, g, kind = w.f, self.geometry, w.kind(self.out)
        strides = self._spread(out.strides, g.kernels)
        at = f.plus(f.times(first, strides[0]), f.times(kernel, strides[2]))
        operands = [
            Operand(results, (g.example, g.y_pitch, *g.steps)),
            Operand(f.at(out.pointer, at, kind), (strides[0], *strides[2:])),
        ]
        if bias is None:
            nest(f, kind, (g.block, height, *g.out), operands, copied)
            return

        def shifted(cell: Cell) -> None:
            cell.write(1, f.binary("fadd", cell.read(0), cell.read(2), kind, cell.lanes))

        operands.append(Operand(bias, (0, self.bias_step, *(0 for _ in g.out))))
        nest(f, kind, (g.block, height, *g.out), operands, shifted)

    # ---- backward -------------------------------------------------------------------------------------------------

    def backward_of(self, w: Writer) -> None:
        f, g, kind, requires = w.f, self.geometry, w.kind(self.out), w.tape.requires
        gradient, chosen = w.gradient(self.out), self._chosen(w)
        laid = w.work(self.number, "gradient", g.groups * g.kernels * g.g_pitch + 4 * g.lanes, kind)
        rows = f.at(laid, g.front, kind)
        to_bias = w.sum(self.bias) if self.bias is not None and requires[self.bias] else None
        dots = DotProducts(w.module, kind, g.kernels, g.channels * g.taps, g.vectors * g.lanes)
        if requires[self.weight]:
            w.fill(self._blocks(w, dots), g.groups * dots.size, kind)
        to_x = w.contribution(self.x) if requires[self.x] else None
        with f.loop(g.examples // g.block) as block:
            first = f.times(block.counter, g.block)
            if self.pooling is None:
                self._lay_gradient(w, gradient, first, rows)
            else:
                self.pooling.write_back(w, g, gradient, chosen, first, rows)
            if to_bias is not None:
                operands = [Operand(rows, (g.g_pitch, 1)), Operand(to_bias.pointer, (self.bias_step, 0))]
                nest(f, kind, (g.groups * g.kernels, g.vectors * g.lanes), operands, increased, added=[1])
            if requires[self.weight]:
                self._push_to_blocks(w, dots, rows, first)
            if to_x is not None:
                self._push_to_images(w, rows, w.value(self.weight).pointer, to_x, first)
        if requires[self.weight]:
            self._put_blocks(w, dots)

    def _blocks(self, w: Writer, dots: DotProducts) -> Register:
        """Where the weights' gradients are summed over blocks of examples."""
        return w.work(self.number, "blocks", self.geometry.groups * dots.size, w.kind(self.out))

    def _push_to_blocks(self, w: Writer, dots: DotProducts, rows: Register, first: Register) -> None:
        """The gradients of the weights: the gradients times the images, shifted by each element of the kernel."""
        f, g, kind = w.f, self.geometry, w.kind(self.out)
        images, blocks = self._images(w), self._blocks(w, dots)
        self._lay_images(w, first, images)
        with f.loop(g.groups) as group:
            dots.write(
                f,
                f.at(rows, f.times(group.counter, g.kernels * g.g_pitch), kind),
                g.g_pitch,
                f.at(images, f.times(group.counter, g.channels * g.x_pitch), kind),
                [channel * g.x_pitch + shift for channel in range(g.channels) for shift in g.shifts],
                f.at(blocks, f.times(group.counter, dots.size), kind),
                add=True,
            )

    def _put_blocks(self, w: Writer, dots: DotProducts) -> None:
        f, g, kind = w.f, self.geometry, w.kind(self.out)
        blocks = self._blocks(w, dots)
        to_weight, set_ = w.contribution(self.weight)
        with f.loop(g.groups) as group:
            own = f.at(to_weight.pointer, f.times(group.counter, g.kernels * g.channels * g.taps), kind)
            from_ = f.at(blocks, f.times(group.counter, dots.size), kind)
            dots.put(f, from_, own, (g.channels * g.taps, 1), add=not set_)

    def _lay_gradient(self, w: Writer, gradient: Operand, first: Register, rows: Register) -> None:
        """Copy a block of gradients into rows of the images' length; what lies between stays 0."""
        f, g, kind = w.f, self.geometry, w.kind(self.out)
        strides = self._spread(gradient.strides, g.kernels)
        source = Operand(f.at(gradient.pointer, f.times(first, strides[0]), kind), strides)
        own = (g.example, g.kernels * g.g_pitch, g.g_pitch, *g.steps)
        nest(f, kind, (g.block, g.groups, g.kernels, *g.out), [source, Operand(rows, own)], copied)

    def _push_to_images(
        self, w: Writer, rows: Register, weight: Register, to_x: tuple[Operand, bool], first: Register
    ) -> None:
        """The gradient of a block of images: the gradients, shifted the other way, times the weights."""
        f, g, kind = w.f, self.geometry, w.kind(self.out)
        strides = self._spread(to_x[0].strides, g.channels)
        for phase in g.phases:
            start, moved = self._pixels(phase, strides)
            pixels = Operand(f.at(f.at(to_x[0].pointer, f.times(first, strides[0]), kind), start, kind), moved)
            if phase.taps:
                self._push_to_phase(w, rows, weight, pixels, to_x[1], phase)
            elif to_x[1]:  # no window meets these pixels
                shape = (g.block, g.groups, g.channels, *phase.counts)
                nest(f, kind, shape, [pixels], lambda cell: cell.write(0, zero(cell)))

    def _push_to_phase(
        self, w: Writer, rows: Register, weight: Register, pixels: Operand, set_: bool, phase: Phase
    ) -> None:
        f, g, kind = w.f, self.geometry, w.kind(self.out)
        high, wide = weighing_block(g.channels, phase.vectors, w.module.machine.registers)
        pitch = phase.vectors * g.lanes
        results = w.work(self.number, "back", 8 * pitch + g.lanes, kind)
        with f.loop(g.groups) as group:
            shifted = f.at(f.at(rows, f.times(group.counter, g.kernels * g.g_pitch), kind), phase.inside, kind)
            for channel, height in tiles(f, g.channels, high):
                own = f.plus(f.times(group.counter, g.kernels * g.channels * g.taps), f.times(channel, g.taps))
                self._weigh(
                    w, (shifted, f.at(weight, own, kind), results), (phase.vectors, wide),
                    rows=height, count=g.kernels, taps=tuple((-shift, tap) for shift, tap in phase.taps),
                    step=(g.g_pitch, g.channels * g.taps), row_step=g.taps, out_step=pitch,
                )  # fmt: skip
                at = f.plus(f.times(group.counter, pixels.strides[1]), f.times(channel, pixels.strides[2]))
                operands = [
                    Operand(results, (g.example, pitch, *g.steps)),
                    Operand(f.at(pixels.pointer, at, kind), (pixels.strides[0], *pixels.strides[2:])),
                ]
                body, added = (copied, []) if set_ else (increased, [1])
                nest(f, kind, (g.block, height, *phase.counts), operands, body, added=added)
