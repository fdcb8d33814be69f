"""`Plan`: a tape's forward run as prebound work.

Each step, or each group of steps that was recognised as one, is a `Kernel`. Binding it allots its result once and gives
a function without arguments, which a run calls. What lies in a plan's own memory lies there for good; what a run is
given (inputs, leaves) and what a rule makes anew is found in the list `values` by its place, in each run again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.replay.arrays.buffers import order_of, ordered_empty
from autograd.replay.tape import Computed, Tape

if TYPE_CHECKING:
    from autograd.replay.arrays.pull import Pull

Work = Callable[[], Any]


class UnusualNumbersError(Exception):
    """A kernel met numbers that it leaves to the generic executor."""


class Kernel:
    """One unit of planned work.

    Attributes:
        place: of the result.
        arguments: the places that it reads and hands gradients to.
        uses_arguments: whether its pull reads its arguments.
        uses_result: whether its pull reads its result.
        only_reorders: whether the result is a view of one argument that has each of its elements once.
        order: in which the result's axes lie in memory, where that is known and `values` has no array yet.
        uses_rule: whether its pull leaves the work to the rule's own `contributions`.
    """

    uses_arguments = True
    uses_result = True
    uses_rule = False
    only_reorders = False
    order: tuple[int, ...] | None = None

    def __init__(self, plan: Plan, place: int, arguments: Sequence[int]) -> None:
        self.plan = plan
        self.place = place
        self.arguments = tuple(arguments)

    def bind(self) -> Work | None:
        """Allot the result, and the work that fills it; None where there is none to do."""
        raise NotImplementedError

    def pull(self, pull: Pull, needed: Sequence[bool]) -> None:
        """Plan what each needed argument receives."""
        raise NotImplementedError

    def gradient_buffer(self) -> Any:
        """Memory of the kernel's own for the gradient of its result; None where any will do."""
        return None


class Plan:
    """The forward run of a tape; `autograd.replay.arrays.selection.make_plan` makes it.

    Attributes:
        tape: the recorded graph.
        values: the array of each place.
        inputs: the arrays of the latest run.
        consumers: how many kernels' arguments each place is, outputs of the program counted too.
        kernels: in execution order.
        owned: the places whose array is the plan's own, no view, so that a later step may work in place.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.values: list[Any] = [None] * len(tape)
        for place, array in tape.constants.items():
            self.values[place] = np.asarray(array)
        self.inputs: Sequence[Any] = ()
        self.kernels: list[Kernel] = []
        self.by_place: dict[int, Kernel] = {}
        self.consumers: Counter[int] = Counter()
        self.owned: set[int] = set()
        self.works: list[Work] = []
        self._inputs = [(number, place) for number, spec in enumerate(tape.inputs) for place in spec.places]
        self._leaves = list(enumerate(tape.leaves))

    def bind(self, kernels: list[Kernel]) -> None:
        """Take the kernels, in execution order, and let each allot its result."""
        self.kernels = kernels
        self.by_place = {kernel.place: kernel for kernel in kernels}
        self.consumers.update(place for kernel in kernels for place in kernel.arguments)
        self.consumers.update(self.tape.outputs)
        self.consumers.update(place for params in self.tape.params.values() for place in computed_in(params))
        works = [kernel.bind() for kernel in kernels]
        self.works = [work for work in works if work is not None]

    def run(self, inputs: Sequence[Any], leaves: Sequence[Any]) -> None:
        """Fill `values`."""
        values = self.values
        self.inputs = inputs
        for number, place in self._inputs:
            values[place] = inputs[number]
        for number, place in self._leaves:
            values[place] = leaves[number]
        for work in self.works:
            work()

    def allot(self, place: int, order: Sequence[int] | None = None) -> Any:
        """An array for a place, in memory of its own."""
        shape = self.tape.shapes[place]
        array = ordered_empty(shape, range(len(shape)) if order is None else order, self.tape.dtypes[place])
        self.values[place] = array
        self.owned.add(place)
        return array

    def allot_like(self, place: int, arguments: Sequence[int], kernel: Kernel) -> Any:
        """An array for an elementwise result: an argument's own, where nothing needs it again, or one laid like it."""
        shape, dtype = self.tape.shapes[place], self.tape.dtypes[place]
        for argument in arguments:
            model = self.values[argument]
            if model is None or model.shape != shape:
                continue
            producer = self.by_place.get(argument)
            if (
                argument in self.owned and self.consumers[argument] == 1 and model.dtype == dtype
                and not kernel.uses_arguments and producer is not None and not producer.uses_result
            ):  # fmt: skip
                self.values[place] = model
                self.owned.add(place)
                return model
        for argument in arguments:
            model = self.values[argument]
            if model is not None and model.shape == shape and argument not in self.tape.constants:
                return self.allot(place, order_of(model))
        return self.allot(place)


def computed_in(params: Any) -> list[int]:
    """The places that parameters are filled with."""
    if isinstance(params, Computed):
        return [params.place]
    parts = params.values() if isinstance(params, Mapping) else params if params.__class__ is tuple else ()
    return [place for part in parts for place in computed_in(part)]
