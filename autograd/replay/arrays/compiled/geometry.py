"""`Geometry`: a convolution as sums of shifted copies of long rows.

The padded images of a block of examples lie one behind the other, channel by channel. An element of the kernel is then
a shift along such a row, the same for every place, and neither rows of pixels nor examples interrupt the loops. What
they compute where a window reaches over an edge is left out when results are copied to where they belong.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

from autograd.primitives.sliding import window_count
from autograd.replay.arrays.compiled.assembly import SIZES
from autograd.replay.arrays.compiled.views import dense_strides
from autograd.replay.arrays.compiled.writer import up

_CACHE = 1 << 19  # bytes of the second-level cache that a block may take
_LONG = 96  # vectors in a row; longer rows bring nothing


class Phase(NamedTuple):
    """Every s-th pixel along each axis, for stride s, from one of the first on: an image in which windows move by 1.

    Attributes:
        number: of the phase.
        first: the first pixel along each axis, counted in the image without padding.
        counts: how many pixels it has along each axis.
        inside: where in a row they begin.
        vectors: how many vectors of a row they take.
        taps: the elements of the kernel that meet it, each as its shift and its number.
    """

    number: int
    first: tuple[int, ...]
    counts: tuple[int, ...]
    inside: int
    vectors: int
    taps: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Geometry:
    """Attributes:
    examples: N.
    groups, channels, kernels: G, and of each group C and O.
    image: the spatial lengths of the input.
    pads: before and after along each axis.
    kernel, stride, dilation: along each axis.
    lanes: of a vector.
    kind: of the numbers.
    """

    examples: int
    groups: int
    channels: int
    kernels: int
    image: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    lanes: int
    kind: str

    # ---- one image ------------------------------------------------------------------------------------------------

    @cached_property
    def padded(self) -> tuple[int, ...]:
        """The spatial lengths with padding."""
        return tuple(length + sum(pair) for length, pair in zip(self.image, self.pads, strict=True))

    @cached_property
    def out(self) -> tuple[int, ...]:
        """The spatial lengths of the result."""
        axes = zip(self.padded, self.kernel, self.stride, self.dilation, strict=True)
        return tuple(window_count(*axis) for axis in axes)

    @cached_property
    def laid(self) -> tuple[int, ...]:
        """The spatial lengths of a phase; without a stride it is the padded image."""
        return tuple(-(-length // step) for length, step in zip(self.padded, self.stride, strict=True))

    @cached_property
    def steps(self) -> tuple[int, ...]:
        """From element to element of a phase along each spatial axis."""
        return dense_strides(self.laid)

    @cached_property
    def example(self) -> int:
        """From one example to the next in a row."""
        return math.prod(self.laid)

    @cached_property
    def taps(self) -> int:
        """How many elements a kernel has for each channel."""
        return math.prod(self.kernel)

    @cached_property
    def tap_places(self) -> list[tuple[int, int]]:
        """Of each element of the kernel, in row-major order, the phase that it meets and its shift there."""
        found = [(0, 0)]
        for k, s, d, step in zip(self.kernel, self.stride, self.dilation, self.steps, strict=True):
            found = [
                (phase * s + place * d % s, shift + place * d // s * step)
                for phase, shift in found
                for place in range(k)
            ]
        return found

    @cached_property
    def reach(self) -> int:
        """The largest shift."""
        return max(shift for _, shift in self.tap_places)

    # ---- a block of images ----------------------------------------------------------------------------------------

    @cached_property
    def block(self) -> int:
        """How many examples are worked on at a time, a divisor of all."""
        channels = self.groups * (self.channels * math.prod(self.stride) + self.kernels)
        fit = [
            count
            for count in range(1, self.examples + 1)
            if self.examples % count == 0
            and count * self.example <= _LONG * self.lanes
            and channels * count * self.example * SIZES[self.kind] <= _CACHE
        ]
        return max(fit, default=1)

    @cached_property
    def row(self) -> int:
        """The length of a row of a block."""
        return self.block * self.example

    @cached_property
    def vectors(self) -> int:
        """How many vectors the results of a row take."""
        return -(-(self._last(0, self.out) + 1) // self.lanes)

    def _last(self, first: int, counts: tuple[int, ...]) -> int:
        """The last place in a row of so many elements along each axis."""
        inner = sum((count - 1) * step for count, step in zip(counts, self.steps, strict=True))
        return first + (self.block - 1) * self.example + inner

    @cached_property
    def phases(self) -> list[Phase]:
        """What the images are divided into by the stride; without one, the whole images."""
        found = []
        for number, offsets in enumerate(product(*map(range, self.stride))):
            axes = list(zip(offsets, self.pads, self.stride, self.image, strict=True))
            first = tuple((offset - before) % s for offset, (before, _), s, _ in axes)
            counts = tuple(-(-(length - start) // s) for (_, _, s, length), start in zip(axes, first, strict=True))
            if min(counts) < 1:
                continue
            starts = ((start + before) // s for (_, (before, _), s, _), start in zip(axes, first, strict=True))
            inside = sum(start * step for start, step in zip(starts, self.steps, strict=True))
            vectors = -(-(self._last(inside, counts) + 1 - inside) // self.lanes)
            taps = tuple((shift, tap) for tap, (phase, shift) in enumerate(self.tap_places) if phase == number)
            found.append(Phase(number, first, counts, inside, vectors, taps))
        return found

    # ---- memory ---------------------------------------------------------------------------------------------------

    @cached_property
    def phase_pitch(self) -> int:
        """From phase to phase of a channel of the padded images."""
        return self._pitch(max(self.row, self.vectors * self.lanes + self.reach))

    @cached_property
    def x_pitch(self) -> int:
        """From channel to channel of the padded images."""
        return self.phase_pitch * math.prod(self.stride)

    @cached_property
    def shifts(self) -> list[int]:
        """Of each element of the kernel, where its numbers begin in a channel's phases."""
        return [phase * self.phase_pitch + shift for phase, shift in self.tap_places]

    @cached_property
    def y_pitch(self) -> int:
        """From kernel to kernel of the results; two vectors more, which pooling may read."""
        return self._pitch(max(self.row, self.vectors * self.lanes) + 2 * self.lanes)

    @cached_property
    def front(self) -> int:
        """How many zeros lie in front of the gradients."""
        return up(self.reach, self.lanes)

    @cached_property
    def g_pitch(self) -> int:
        """From kernel to kernel of the gradients."""
        reached = max((phase.inside + phase.vectors * self.lanes for phase in self.phases), default=0)
        return self._pitch(self.front + max(self.row, self.vectors * self.lanes, reached) + 2 * self.lanes)

    def _pitch(self, length: int) -> int:
        pitch = up(length, self.lanes)
        return pitch + self.lanes if pitch * SIZES[self.kind] % 2048 == 0 else pitch  # not all to the same cache lines
