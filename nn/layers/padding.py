"""Padding layers. Names and defaults are PyTorch's."""

from __future__ import annotations

import operator
from typing import Any, ClassVar

from nn import functional as F
from nn.module import Module


class _Pad(Module):
    _axes: ClassVar[int]
    _mode: ClassVar[str] = "constant"

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = _amounts(type(self).__name__, padding, self._axes)

    def forward(self, x: Any) -> Any:
        """(..., *spatial) -> (..., *padded)"""
        return F.pad(x, self.padding, self._mode)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"{self.padding}"


def _amounts(kind: str, padding: Any, axes: int) -> tuple[int, ...]:
    """The padding as (before, after) of the last axis, then of the last but one, and so on."""
    try:
        single = not isinstance(padding, tuple | list)
        amounts = (operator.index(padding),) * (2 * axes) if single else tuple(map(operator.index, padding))
    except TypeError:
        amounts = ()
    if len(amounts) != 2 * axes:
        raise ValueError(
            f"{kind}: padding={padding!r} must be an integer, or a sequence of {2 * axes} of them: two for each axis, "
            f"the last axis first; a negative one takes elements away"
        )
    return amounts


class ZeroPad1d(_Pad):
    """Zeros before and after a sequence: see `ZeroPad2d`, with one spatial axis and a padding of (left, right).

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ZeroPad1d((1, 2))(np.array([[3.0, 4.0]]))
        array([[0., 3., 4., 0., 0.]])
    """

    _axes = 1


class ZeroPad2d(_Pad):
    """Zeros around an image. See `F.pad`.

    Args:
        padding: an integer for all sides, or (left, right, top, bottom); a negative one takes pixels away.

    Raises:
        ValueError: the padding is neither.
        ShapeError: called with an input that does not have what is taken away.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ZeroPad2d((1, 0, 0, 1))(np.array([[[3.0, 4.0]]]))
        array([[[0., 3., 4.],
                [0., 0., 0.]]])
    """

    _axes = 2


class ZeroPad3d(_Pad):
    """Zeros around a volume: see `ZeroPad2d`, with three spatial axes and (left, right, top, bottom, front, back).

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ZeroPad3d(1)(np.ones((2, 1, 3, 4, 5))).shape
        (2, 1, 5, 6, 7)
    """

    _axes = 3


class _ConstantPad(_Pad):
    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, x: Any) -> Any:
        """(..., *spatial) -> (..., *padded)"""
        return F.pad(x, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """A constant before and after a sequence: see `ConstantPad2d`, with one spatial axis and (left, right).

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ConstantPad1d(1, 7.0)(np.array([[3.0, 4.0]]))
        array([[7., 3., 4., 7.]])
    """

    _axes = 1


class ConstantPad2d(_ConstantPad):
    """A constant around an image. See `F.pad`.

    Args:
        padding: an integer for all sides, or (left, right, top, bottom); a negative one takes pixels away.
        value: the constant.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ConstantPad2d((1, -1, 0, 1), 7.0)(np.array([[[3.0, 4.0]]]))
        array([[[7., 3.],
                [7., 7.]]])
    """

    _axes = 2


class ConstantPad3d(_ConstantPad):
    """A constant around a volume: see `ConstantPad2d`, with (left, right, top, bottom, front, back).

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ConstantPad3d((1, 0, 0, 0, 0, 0), 7.0)(np.ones((1, 1, 1, 1)))
        array([[[[7., 1.]]]])
    """

    _axes = 3


class ReflectionPad1d(_Pad):
    """A sequence reflected at its ends: see `ReflectionPad2d`, with one spatial axis and (left, right).

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ReflectionPad1d(2)(np.array([[1.0, 2.0, 3.0]]))
        array([[3., 2., 1., 2., 3., 2., 1.]])
    """

    _axes, _mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """An image reflected at its edges, each of which stands once. See `F.pad`.

    Args:
        padding: an integer for all sides, or (left, right, top, bottom), each less than the image is long there.

    Raises:
        ShapeError: called with an image that is too small.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ReflectionPad2d((1, 0, 0, 1))(np.array([[[1.0, 2.0], [3.0, 4.0]]]))
        array([[[2., 1., 2.],
                [4., 3., 4.],
                [2., 1., 2.]]])
    """

    _axes, _mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """A volume reflected at its faces: see `ReflectionPad2d`, with (left, right, top, bottom, front, back).

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ReflectionPad3d(1)(np.ones((2, 1, 3, 4, 5))).shape
        (2, 1, 5, 6, 7)
    """

    _axes, _mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """The ends of a sequence repeated: see `ReplicationPad2d`, with one spatial axis and (left, right).

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ReplicationPad1d((2, 1))(np.array([[1.0, 2.0]]))
        array([[1., 1., 1., 2., 2.]])
    """

    _axes, _mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """The edges of an image repeated. See `F.pad`.

    Args:
        padding: an integer for all sides, or (left, right, top, bottom).

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ReplicationPad2d((1, 0, 0, 1))(np.array([[[1.0, 2.0], [3.0, 4.0]]]))
        array([[[1., 1., 2.],
                [3., 3., 4.],
                [3., 3., 4.]]])
    """

    _axes, _mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """The faces of a volume repeated: see `ReplicationPad2d`, with (left, right, top, bottom, front, back).

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ReplicationPad3d(1)(np.ones((2, 1, 3, 4, 5))).shape
        (2, 1, 5, 6, 7)
    """

    _axes, _mode = 3, "replicate"


class CircularPad1d(_Pad):
    """A sequence continued as if it were a ring: see `CircularPad2d`, with one spatial axis and (left, right).

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.CircularPad1d((1, 2))(np.array([[1.0, 2.0, 3.0]]))
        array([[3., 1., 2., 3., 1., 2.]])
    """

    _axes, _mode = 1, "circular"


class CircularPad2d(_Pad):
    """An image continued as if its opposite edges met. See `F.pad`.

    Args:
        padding: an integer for all sides, or (left, right, top, bottom), none larger than the image is long there.

    Raises:
        ShapeError: called with an image that is too small.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.CircularPad2d((1, 0, 0, 1))(np.array([[[1.0, 2.0], [3.0, 4.0]]]))
        array([[[2., 1., 2.],
                [4., 3., 4.],
                [2., 1., 2.]]])
    """

    _axes, _mode = 2, "circular"


class CircularPad3d(_Pad):
    """A volume continued as if its opposite faces met: see `CircularPad2d`.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.CircularPad3d(1)(np.ones((2, 1, 3, 4, 5))).shape
        (2, 1, 5, 6, 7)
    """

    _axes, _mode = 3, "circular"
