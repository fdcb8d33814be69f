"""`Pull`: a plan's backward run as prebound work, over buffers that gradients take in turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.replay.arrays.buffers import Block, Pool, order_of, ordered_empty
from autograd.replay.arrays.plan import Kernel, Plan, Work
from autograd.rule import array_arithmetic

Compute = Callable[[Any], Any]  # out, or None for a new array -> the contribution


class Pull:
    """The backward run of a plan, for some choice of outputs that a gradient comes from.

    Attributes:
        gradients: the gradient of each place, as far as a run has come.
    """

    def __init__(self, plan: Plan, seeded: Sequence[bool]) -> None:
        self.plan = plan
        self.gradients: list[Any] = [None] * len(plan.tape)
        tape = plan.tape
        self._seeds = [
            (number, place)
            for number, (place, given) in enumerate(zip(tape.outputs, seeded, strict=True))
            if given and tape.requires[place]
        ]
        self._returned = {place for spec in tape.inputs for place in spec.places} | set(tape.leaves)
        self._started: set[int] = set()
        self._pool = Pool()
        self._blocks: dict[int, Block] = {}
        self._works: list[Work] = []
        self._given: Sequence[Any] = ()
        active = self._count()
        self._fresh = self._returned | {
            kernel.place for kernel, _ in active if kernel.only_reorders and self._hands_on(kernel.arguments[0])
        }
        for number, place in self._seeds:
            self.alias(place, self._seed(number))
        for kernel, needed in active:
            kernel.pull(self, needed)
            self._release(kernel.place)
        self._wanted = self._in_order()
        careful = any(kernel.uses_rule for kernel, _ in active)
        self.run = (array_arithmetic if careful else np.errstate(all="ignore"))(self._run)

    def _in_order(self) -> list[tuple[Any, bool, Any, Any]]:
        """Of each input and leaf the place, None without a gradient, whether one comes to it, its shape and dtype."""
        tape = self.plan.tape
        places = [spec.places[0] if spec.differentiable else None for spec in tape.inputs]
        return [
            (None, False, (), None) if place is None
            else (place, place in self._started, tape.shapes[place], tape.dtypes[place])
            for place in (*places, *tape.leaves)
        ]  # fmt: skip

    def _hands_on(self, place: int) -> bool:
        """Whether the gradient of an input or leaf is a view of one other gradient, which may then be the caller's."""
        return place in self._returned and self._expected[place] == 1

    def _seed(self, number: int) -> Callable[[], Any]:
        return lambda: self._given[number]

    def _count(self) -> list[tuple[Kernel, list[bool]]]:
        """The kernels that a gradient comes to, the last first; `_expected` counts what comes to each place."""
        tape = self.plan.tape
        self._expected = Counter(place for _, place in self._seeds)
        active = []
        for kernel in reversed(self.plan.kernels):
            needed = [bool(tape.requires[place]) for place in kernel.arguments]
            if self._expected[kernel.place] and any(needed):
                active.append((kernel, needed))
                self._expected.update(place for place, need in zip(kernel.arguments, needed, strict=True) if need)
        return active

    def _run(self, seeds: Sequence[Any]) -> list[Any] | None:
        """The gradients of inputs and leaves, as new arrays; None where a NaN shows in one of them."""
        self._given = seeds
        for work in self._works:
            work()
        gradients = self.gradients
        found: list[Any] = []
        for place, reached, shape, dtype in self._wanted:
            if not reached:
                found.append(None if place is None else np.zeros(shape, dtype))
                continue
            gradient = gradients[place]
            gradients[place] = None
            flat = gradient if len(shape) == 1 else gradient.ravel("K")
            square = flat.dot(flat)  # NaN where an element is, and nowhere else: squares have no inf - inf
            if square != square:
                return None
            found.append(gradient)
        return found

    # ---- what kernels call ----------------------------------------------------------------------------------------

    def contribute(self, place: int, compute: Compute, bind: Callable[[Any], Work] | None = None) -> None:
        """Plan a contribution that is computed: the first is written where the gradient is, later ones are added.

        Args:
            place: that receives it.
            compute: writes it to an array and returns that, or returns a new array for None.
            bind: gives the same work for one array, prebound.
        """
        gradients = self.gradients
        if place not in self._started:
            self._started.add(place)
            if place in self._fresh:
                shape, order, dtype = self._form(place)

                def fresh() -> None:
                    gradients[place] = compute(None)

                def fresh_in_order() -> None:
                    gradients[place] = compute(ordered_empty(shape, order, dtype))

                usual = shape and order == tuple(range(len(shape)))  # NumPy gives a number for an array without axes
                self._works.append(fresh if usual else fresh_in_order)
            else:
                buffer = gradients[place] = self._buffer(place)
                self._works.append(bind(buffer) if bind else lambda: compute(buffer))
            return
        shape, order, dtype = self._form(place)
        scratch, block = self._pool.take(shape, order, dtype)
        self._pool.release(block)

        def add() -> None:
            gradient = gradients[place]
            np.add(gradient, compute(scratch), gradient)

        self._works.append(add)

    def alias(self, place: int, source: Callable[[], Any], of: int | None = None) -> None:
        """Plan a contribution that exists already: an array, or a view of one, that is only read.

        Args:
            place: that receives it.
            source: gives it.
            of: the place whose gradient it is made of.
        """
        gradients = self.gradients
        if place in self._started:

            def add() -> None:
                gradient = gradients[place]
                np.add(gradient, source(), gradient)

            self._works.append(add)
            return
        producer = self.plan.by_place.get(place)
        own = producer.gradient_buffer() if producer is not None else None
        handed_on = of is not None and of in self._fresh
        if self._expected[place] > 1 or (place in self._fresh and not handed_on) or own is not None:
            self.contribute(place, lambda out: _copied(source(), out, self.plan.tape.dtypes[place]))
            return
        self._started.add(place)
        self._share(place, of)
        if of is not None and gradients[of] is not None:
            view = source()
            if np.may_share_memory(view, gradients[of]):  # a view of what lies still; a copy is made in each run
                gradients[place] = view
                return

        def point() -> None:
            gradients[place] = source()

        self._works.append(point)

    def work(self, work: Work) -> None:
        """Plan anything else."""
        self._works.append(work)

    def accept(self, place: int, of: int) -> Callable[[Any], None]:
        """How a contribution is handed over that a rule computes, as an array that may be shared.

        Args:
            place: that receives it.
            of: the place whose gradient it is made of, and may be a view of.
        """
        gradients, dtype, shape = self.gradients, self.plan.tape.dtypes[place], self.plan.tape.shapes[place]
        producer = self.plan.by_place.get(place)
        own = producer.gradient_buffer() if producer is not None else None
        if place in self._started:

            def add(contribution: Any) -> None:
                if contribution is not None:
                    gradient = gradients[place]
                    np.add(gradient, contribution, gradient)

            return add
        self._started.add(place)
        if own is not None:
            gradients[place] = own

            def fill(contribution: Any) -> None:
                own[...] = 0.0 if contribution is None else contribution

            return fill
        shared = self._expected[place] == 1 and place not in self._fresh
        if shared:
            self._share(place, of)

        def put(contribution: Any) -> None:
            if contribution is None:
                gradients[place] = np.zeros(shape, dtype)
            else:
                gradients[place] = np.asarray(contribution, dtype) if shared else np.array(contribution, dtype)

        return put

    # ---- memory ---------------------------------------------------------------------------------------------------

    def _form(self, place: int) -> tuple[tuple[int, ...], tuple[int, ...], Any]:
        shape, value = self.plan.tape.shapes[place], self.plan.values[place]
        producer = self.plan.by_place.get(place)
        order = tuple(range(len(shape))) if producer is None or producer.order is None else producer.order
        if value is not None and 0 not in value.strides:
            order = order_of(value)
        return shape, order, self.plan.tape.dtypes[place]

    def _buffer(self, place: int) -> Any:
        producer = self.plan.by_place.get(place)
        own = producer.gradient_buffer() if producer is not None else None
        if own is not None:
            return own
        array, self._blocks[place] = self._pool.take(*self._form(place))
        return array

    def _share(self, place: int, of: int | None) -> None:
        """Keep the block of a gradient for as long as another that may be a view of it is read."""
        if of is not None and of in self._blocks:
            block = self._blocks[place] = self._blocks[of]
            block.readers += 1

    def _release(self, place: int) -> None:
        block = self._blocks.pop(place, None)
        if block is not None:
            self._pool.release(block)


def _copied(array: Any, out: Any, dtype: Any) -> Any:
    if out is None:
        return np.array(array, dtype)
    out[...] = array
    return out
