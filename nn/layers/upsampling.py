"""Images of another size, and channels as pixels, as layers. Names and defaults are PyTorch's."""

from __future__ import annotations

from typing import Any

from nn import functional as F
from nn.module import Module


class Upsample(Module):
    """Images of another size. See `F.interpolate`.

    Args:
        size: the output's spatial size: an integer, or one for each axis.
        scale_factor: how many times larger the output is, instead of `size`: a number, or one for each axis.
        mode: "nearest", "linear", "bilinear", "bicubic" or "trilinear".
        align_corners: whether the centres of the corner pixels coincide.
        recompute_scale_factor: take the ratio of the sizes, which are integers, for the scale.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.Upsample(scale_factor=2, mode="bilinear")
        Upsample(scale_factor=2.0, mode='bilinear')
        >>> nn.Upsample(scale_factor=2)(np.array([[[[1.0, 2.0]]]]))
        array([[[[1., 1., 2., 2.],
                 [1., 1., 2., 2.]]]])
    """

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        several = isinstance(scale_factor, tuple | list)
        single = None if scale_factor is None or several else float(scale_factor)
        self.scale_factor = tuple(map(float, scale_factor)) if several else single
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, x: Any) -> Any:
        """(N, C, *spatial) -> (N, C, *size)"""
        return F.interpolate(
            x, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor
        )

    def extra_repr(self) -> str:
        """The layer's arguments."""
        size = f"size={self.size!r}" if self.scale_factor is None else f"scale_factor={self.scale_factor!r}"
        return f"{size}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Images of another size, each pixel the nearest one's copy: `Upsample` with mode "nearest".

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.UpsamplingNearest2d(size=(1, 3))(np.array([[[[1.0, 2.0]]]]))
        array([[[[1., 1., 2.]]]])
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Images of another size, bilinear with aligned corners: `Upsample` with mode "bilinear".

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.UpsamplingBilinear2d(size=(1, 3))(np.array([[[[1.0, 2.0]]]]))
        array([[[[1. , 1.5, 2. ]]]])
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)


class PixelShuffle(Module):
    """Every r² channels as r x r pixels of one. See `F.pixel_shuffle`.

    Args:
        upscale_factor: r.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.PixelShuffle(3)(np.ones((1, 18, 4, 5))).shape
        (1, 2, 12, 15)
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, x: Any) -> Any:
        """(..., C·r², H, W) -> (..., C, H·r, W·r)"""
        return F.pixel_shuffle(x, self.upscale_factor)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Every r x r pixels as r² channels. See `F.pixel_unshuffle`.

    Args:
        downscale_factor: r.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.PixelUnshuffle(3)(np.ones((1, 2, 12, 15))).shape
        (1, 18, 4, 5)
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, x: Any) -> Any:
        """(..., C, H·r, W·r) -> (..., C·r², H, W)"""
        return F.pixel_unshuffle(x, self.downscale_factor)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """The channels of every group dealt out in turn. See `F.channel_shuffle`.

    Args:
        groups: how many groups the channels are divided into.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.ChannelShuffle(2)(np.arange(6.0).reshape(1, 6, 1)).ravel()
        array([0., 3., 1., 4., 2., 5.])
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: Any) -> Any:
        """(N, C, *spatial), likewise"""
        return F.channel_shuffle(x, self.groups)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return f"groups={self.groups}"
