"""Chains of steps that one stage takes: a convolution, with what comes before and behind it."""

from __future__ import annotations

import math

from autograd.primitives import elementwise as table
from autograd.primitives.contractions import contract
from autograd.primitives.reductions import max_
from autograd.primitives.structural import pad, reshape, windows
from autograd.replay.arrays.compiled.convolution import Convolution
from autograd.replay.arrays.compiled.geometry import Geometry
from autograd.replay.arrays.compiled.pooling import Pooling
from autograd.replay.arrays.compiled.reading import Reading
from autograd.replay.arrays.compiled.views import broadcast
from autograd.replay.arrays.compiled.writer import Stage
from autograd.replay.tape import Step

_TAPS = 128  # elements of a kernel that are written out one by one


class Convolutions:
    """Looks for convolutions.

    Attributes:
        inside: the steps that they contain and whose results lie nowhere.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.inside: set[int] = set()

    def all(self) -> dict[int, Stage]:
        """The stages, each by the place of its result."""
        made: dict[int, Stage] = {}
        for step in list(self.reading.steps.values()):
            if step.rule is contract:
                stage = self._convolution(step)
                if stage is not None:
                    made[stage.out] = stage
        return made

    def _convolution(self, step: Step) -> Convolution | None:
        weight, patches = step.arguments
        sliding = self.reading.steps.get(patches)
        kind = self.reading.kind(step.place, weight, patches)
        if sliding is None or sliding.rule is not windows or kind is None or self.reading.only_user(patches) is None:
            return None
        params = sliding.params
        axes = len(params["kernel"])
        labels = _convolution_labels(step.params["subscripts"], axes)
        if labels is None or math.prod(params["kernel"]) > _TAPS:
            return None
        batched, grouped = labels
        image, pads, within = sliding.arguments[0], ((0, 0),) * axes, [patches]
        padding = self.reading.steps.get(image)
        if padding is not None and padding.rule is pad and self.reading.only_user(image) is not None:
            widths = padding.params["pad_width"]
            if padding.params.get("constant_value", 0.0) == 0.0 and not any(map(any, widths[:-axes])):
                image, pads = padding.arguments[0], tuple(map(tuple, widths[-axes:]))
                within.append(padding.place)
        shape, kernels = self.reading.views[image].shape, self.reading.views[weight].shape
        if not self.reading.views[weight].dense or 0 in shape or 0 in kernels:
            return None
        geometry = Geometry(
            examples=shape[0] if batched else 1,
            groups=kernels[0] if grouped else 1,
            channels=kernels[1 + grouped],
            kernels=kernels[grouped],
            image=shape[-axes:],
            pads=pads,
            kernel=tuple(params["kernel"]),
            stride=tuple(params["stride"]),
            dilation=tuple(params["dilation"]),
            lanes=self.reading.machine.lanes(kind),
            kind=kind,
        )
        stage = Convolution(geometry, image, weight, None, 0, step.place, batched)
        within += self._continue(stage, axes)
        self.inside |= set(within) - {stage.out}
        return stage

    def _continue(self, stage: Convolution, axes: int) -> list[int]:
        """Take into a convolution what follows it: the bias, then relu and pooling. The places of these."""
        within = [stage.out]
        last = self._behind_reshape(stage.out, within)
        adding = self.reading.only_user(last)
        if adding is not None and adding.rule is table.add and adding.arguments.count(last) == 1:
            (bias,) = (place for place in adding.arguments if place != last)
            if self.reading.kind(bias, last) is not None and self._add_bias(stage, bias, adding.place, axes):
                last = adding.place
                within.append(last)
        self._pool(stage, last, within, axes)
        return within

    def _add_bias(self, stage: Convolution, bias: int, place: int, axes: int) -> bool:
        """Take an addition into a convolution, if it adds one number for each kernel."""
        views, g = self.reading.views, stage.geometry
        shape = views[place].shape
        channel = len(shape) - axes - 1
        if shape[channel] != g.groups * g.kernels or len(views[bias].shape) > len(shape):
            return False
        strides = broadcast(views[bias], shape).strides
        if any(step for axis, step in enumerate(strides) if axis != channel and shape[axis] > 1):
            return False
        stage.bias, stage.bias_step = bias, strides[channel]
        self._end(stage, place)
        return True

    def _behind_reshape(self, place: int, within: list[int]) -> int:
        """The place of the same numbers in which the groups have become one axis."""
        views, user = self.reading.views, self.reading.only_user(place)
        if user is None or user.rule is not reshape or views[user.place].root != views[place].root:
            return place
        following = self.reading.only_user(user.place)
        if following is None or following.rule is not table.add:
            return place
        within.append(user.place)
        return user.place

    def _end(self, stage: Convolution, place: int) -> None:
        stage.out = place
        stage.makes = (place,)

    def _pool(self, stage: Convolution, last: int, within: list[int], axes: int) -> None:
        user, inside, relu = self.reading.only_user(last), [], False
        if user is not None and user.rule is table.relu and user.params.get("relu", 0.0) == 0.0:
            inside, relu = [user.place], True
            user = self.reading.only_user(user.place)
        if user is None or user.rule is not windows or axes != 2:
            return
        kernel, following = user.params["kernel"], self.reading.only_user(user.place)
        apart = len(kernel) == 2 and kernel == user.params["stride"] and max(user.params["dilation"]) == 1
        if not apart or kernel[1] > 2 or math.prod(kernel) > 100 or following is None or following.rule is not max_:
            return
        shape = self.reading.views[user.place].shape
        whole = following.params.get("axis") == (len(shape) - 2, len(shape) - 1)
        if not whole or following.params.get("ties", "first") != "first" or stage.geometry.lanes == 1:
            return
        if len(shape) != (6 if stage.batched else 5):
            return
        stage.pooling = Pooling((kernel[0], kernel[1]), (shape[-4], shape[-3]), relu)
        within += [*inside, user.place, following.place]
        self._end(stage, following.place)


def _convolution_labels(subscripts: str, axes: int) -> tuple[bool, bool] | None:
    """Whether a contraction of kernels and windows has a batch and groups; None if it is no convolution."""
    inputs, out = subscripts.split("->")
    weight, patches = inputs.split(",")
    offsets, places = patches[-axes:], patches[-2 * axes : -axes]
    leading = patches[: -2 * axes]
    for batched in (True, False):
        for grouped in (True, False):
            if len(leading) != 1 + batched + grouped or len(weight) != 2 + grouped + axes:
                continue
            n, g, c = leading[:batched], leading[batched : batched + grouped], leading[-1]
            o = weight[grouped]
            if weight == f"{g}{o}{c}{offsets}" and out == f"{n}{g}{o}{places}":
                return batched, grouped
    return None
