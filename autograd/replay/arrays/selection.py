"""Which kernel computes which steps: some primitives have a kernel of their own, some groups of steps one in common.

Groups are recognised by their structure, whoever composed them, and only where nothing else reads what lies between.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from autograd.replay.arrays.kernels.anything import Anything, has_raising_kink
from autograd.replay.arrays.kernels.convolution import Convolution
from autograd.replay.arrays.kernels.elementwise import ByElement, takes
from autograd.replay.arrays.kernels.images import Geometry
from autograd.replay.arrays.kernels.plain import PlainCall
from autograd.replay.arrays.kernels.pooling import MaxPool
from autograd.replay.arrays.kernels.products import Product
from autograd.replay.arrays.kernels.reductions import LogSumExp, Sum
from autograd.replay.arrays.kernels.structural import Cast, Pad, Pick, View, is_view, padded_only
from autograd.replay.arrays.plan import Kernel, Plan, computed_in
from autograd.replay.tape import Step, Tape, varies


def make_plan(tape: Tape) -> Plan:
    """The plan of a tape of Tensors."""
    plan = Plan(tape)
    plan.bind(kernels_of(plan))
    return plan


def kernels_of(plan: Plan) -> list[Kernel]:
    """The kernels of a plan's tape, in execution order."""
    groups = Groups(plan)
    kernels = []
    for step in groups.steps:
        if step.place in groups.absorbed:
            continue
        kernels.append(groups.found.get(step.place) or _kernel(plan, step))
    return kernels


def _kernel(plan: Plan, step: Step) -> Kernel:
    if PlainCall.takes(step):
        return PlainCall(plan, step)
    name = step.rule.name if step.rule.builtin and not has_raising_kink(step) else ""
    tape = plan.tape
    shapes = [tape.shapes[place] for place in step.arguments]
    shape, dtype = tape.shapes[step.place], tape.dtypes[step.place]
    if dtype.kind != "f" or any(tape.dtypes[place].kind != "f" for place in step.arguments):
        return Anything(plan, step)
    if takes(step) and not has_raising_kink(step):
        return ByElement(plan, step)
    if name in ("reshape", "transpose", "broadcast_to") and not varies(step.params):
        return View(plan, step)
    if name == "getitem" and shape:
        if not varies(step.params) and is_view(step.params["index"]):
            return View(plan, step)
        if Pick.takes(step.params["index"], shape):
            return Pick(plan, step)
    if name == "cast":
        return Cast(plan, step)
    if name == "pad" and padded_only(step.params["pad_width"]):
        return Pad(plan, step)
    if name == "sum":
        return Sum(plan, step)
    if name == "logsumexp" and 0 not in shapes[0]:
        return LogSumExp(plan, step)
    if name == "matmul" and [len(each) for each in shapes] == [2, 2]:
        return Product(plan, step)
    return Anything(plan, step)


class Groups:
    """The groups of steps in a tape that a kernel computes together.

    Attributes:
        steps: of the tape, in order.
        found: the kernel of a group by the place of its last step.
        absorbed: the places of the steps that a group computes on the way, or does not compute at all.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.tape = plan, plan.tape
        self.steps = list(plan.tape.steps())
        self.by_place = {step.place: step for step in self.steps}
        self.readers = Counter(place for step in self.steps for place in step.arguments)
        self.readers.update(plan.tape.outputs)
        self.readers.update(place for step in self.steps for place in computed_in(step.params))
        self.found: dict[int, Kernel] = {}
        self.absorbed: set[int] = set()
        self._adds = {step.arguments[0]: step for step in self.steps if step.rule.name == "add"}
        for step in self.steps:
            if step.rule.builtin and step.rule.name == "max":
                self._pooling(step)
            elif step.rule.builtin and step.rule.name == "contract":
                self._convolution(step)

    def _between(self, place: int, name: str) -> Step | None:
        """The step of that place, where it is of that primitive and has one reader."""
        step = self.by_place.get(place)
        alone = step is not None and step.rule.builtin and step.rule.name == name and self.readers[place] == 1
        return step if alone else None

    # ---- pooling --------------------------------------------------------------------------------------------------

    def _pooling(self, step: Step) -> None:
        windows = self._between(step.arguments[0], "windows")
        if windows is None or step.params.get("ties", "first") != "first" or step.params.get("keepdims"):
            return
        shape = self.tape.shapes[windows.place]
        kernel = len(windows.params["kernel"])
        axis = step.params.get("axis")
        if axis is None or 0 in shape or self.tape.dtypes[step.place].kind != "f":
            return
        if sorted(each % len(shape) for each in axis) != list(range(len(shape) - kernel, len(shape))):
            return
        absorbed, (source,) = {windows.place}, windows.arguments
        if math.prod(shape) > 4 * math.prod(self.tape.shapes[source]):  # they overlap so much that copies cost more
            return
        relu = self._between(source, "relu")
        if relu is not None and relu.params.get("relu", 0.0) == 0.0:
            absorbed.add(source)
            (source,) = relu.arguments
        self.absorbed |= absorbed
        self.found[step.place] = MaxPool(self.plan, step, windows, source, len(absorbed) > 1)

    # ---- convolution ----------------------------------------------------------------------------------------------

    def _convolution(self, step: Step) -> None:
        first, second = step.arguments
        for weight, other, swapped in ((first, second, False), (second, first, True)):
            windows = self._between(other, "windows")
            if windows is not None and self._is_convolution(step, windows, weight, swapped):
                break
        else:
            return
        absorbed, (source,) = {windows.place}, windows.arguments
        spatial = len(windows.params["kernel"])
        before = after = (0,) * spatial
        padding = self._between(source, "pad")
        if padding is not None and _pads_images(padding.params, spatial):
            absorbed.add(source)
            (source,) = padding.arguments
            before, after = zip(*padding.params["pad_width"][-spatial:], strict=True)
        shape = self.tape.shapes[source]
        images = shape[: len(shape) - spatial]
        last, bias = step, None
        addition = self._bias(step, self.tape.shapes[weight][0], spatial)
        if addition is not None:
            last, bias, more = addition
            absorbed |= more
        geometry = Geometry(
            images[0] if len(images) > 1 else None, images[-1], shape[-spatial:], before, after,
            windows.params["kernel"], windows.params["stride"], windows.params["dilation"],
            self.tape.shapes[windows.place][-2 * spatial : -spatial],
        )  # fmt: skip
        self.absorbed |= absorbed
        self.found[last.place] = Convolution(self.plan, last.place, source, weight, bias, geometry)

    def _is_convolution(self, step: Step, windows: Step, weight: int, swapped: bool) -> bool:
        tape, spatial = self.tape, len(windows.params["kernel"])
        inputs, out = step.params["subscripts"].split("->")
        of_weight, of_windows = reversed(inputs.split(",")) if swapped else inputs.split(",")
        dtypes = {tape.dtypes[place] for place in (weight, windows.arguments[0], step.place)}
        if 0 in tape.shapes[windows.place] or 0 in tape.shapes[weight] or len(dtypes) > 1:
            return False
        count = len(of_windows)
        images, places, kernel = (
            of_windows[: count - 2 * spatial], of_windows[count - 2 * spatial : count - spatial],
            of_windows[count - spatial :],
        )  # fmt: skip
        if len(images) not in (1, 2) or len(of_weight) != spatial + 2 or of_weight[0] in of_windows:
            return False
        return bool(of_weight[1:] == images[-1] + kernel and out == images[:-1] + of_weight[0] + places)

    def _bias(self, step: Step, outputs: int, spatial: int) -> tuple[Step, int, set[int]] | None:
        """The addition of a number to each output channel: its step, the numbers' place, and what it absorbs."""
        addition = self._adds.get(step.place)
        if addition is None or not addition.rule.builtin or self.readers[step.place] != 1:
            return None
        spread = self._between(addition.arguments[1], "broadcast_to")
        if spread is None:
            return None
        shaped = self._between(spread.arguments[0], "reshape")
        if shaped is None or self.tape.shapes[shaped.place] != (outputs, *(1,) * spatial):
            return None
        (place,) = shaped.arguments
        same = self.tape.dtypes[place] == self.tape.dtypes[step.place] == self.tape.dtypes[addition.place]
        if self.tape.shapes[place] != (outputs,) or not same:
            return None
        return addition, place, {step.place, spread.place, shaped.place}


def _pads_images(params: Any, spatial: int) -> bool:
    """Whether only the spatial axes are padded, with zeros."""
    pairs = params["pad_width"]
    leading = pairs[: len(pairs) - spatial]
    return params.get("constant_value", 0.0) == 0.0 and padded_only(pairs) and not any(map(any, leading))
