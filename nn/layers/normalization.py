"""Normalisation of batches and instances, with running statistics. Names, defaults and state are PyTorch's."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import ShapeError, Tensor, expand_dims
from nn import functional as F
from nn.functional.arguments import per_axis
from nn.layers.shared import shape_of
from nn.module import Module, Parameter


class _Normalization(Module):
    weight: Tensor | None
    bias: Tensor | None
    running_mean: npt.NDArray[Any] | None
    running_var: npt.NDArray[Any] | None
    num_batches_tracked: npt.NDArray[Any] | None
    _layouts: ClassVar[tuple[str, ...]]  # the axes that an input may have, each by a letter

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        bias: bool,
        dtype: Any,
    ) -> None:
        super().__init__()
        (self.num_features,) = per_axis(type(self).__name__, "num_features", num_features, 1, least=1)
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.weight = Parameter(np.ones(num_features), dtype) if affine else None
        self.bias = Parameter(np.zeros(num_features), dtype) if affine and bias else None
        tracked = bool(track_running_stats)
        self.register_buffer("running_mean", np.zeros(num_features, dtype) if tracked else None)
        self.register_buffer("running_var", np.ones(num_features, dtype) if tracked else None)
        self.register_buffer("num_batches_tracked", np.array(0) if tracked else None)

    def reset_running_stats(self) -> None:
        """Forget the batches seen: mean 0, variance 1, none tracked."""
        if self.running_mean is not None and self.running_var is not None:
            self.running_mean = np.zeros_like(self.running_mean)
            self.running_var = np.ones_like(self.running_var)
            self.num_batches_tracked = np.array(0)

    def extra_repr(self) -> str:
        """The layer's arguments."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )

    def _check(self, x: Any) -> tuple[int, ...]:
        shape = shape_of(x)
        for layout in self._layouts:
            if len(shape) == len(layout) and shape[layout.index("C")] == self.num_features:
                return shape
        expected = " or ".join(f"({', '.join(layout)})" for layout in self._layouts)
        raise ShapeError(
            f"{self.describe()}: expected an input of shape {expected.replace('C', str(self.num_features))}, got "
            f"{shape}; reshape it, or build the layer with the channels of the input as num_features"
        )


class _BatchNorm(_Normalization):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias, dtype)

    def forward(self, x: Any) -> Any:
        """The same shape."""
        self._check(x)
        tracked = self.num_batches_tracked if self.training and self.track_running_stats else None
        batches = None if tracked is None else tracked + 1
        if self.momentum is not None:
            momentum = self.momentum
        else:  # the mean of all batches so far
            momentum = 0.0 if batches is None else 1.0 / float(batches)
        used = not self.training or self.track_running_stats
        out = F.batch_norm(
            x,
            self.running_mean if used else None,
            self.running_var if used else None,
            self.weight,
            self.bias,
            training=self.training or self.running_mean is None,
            momentum=momentum,
            eps=self.eps,
        )
        if batches is not None:
            self.num_batches_tracked = batches
        return out


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of features (N, C) or sequences (N, C, L). See `BatchNorm2d` for arguments.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.BatchNorm1d(1)(Tensor([[1.0], [3.0]])).data.round(4)
        array([[-1.],
               [ 1.]])
    """

    _layouts = ("NC", "NCL")


class BatchNorm2d(_BatchNorm):
    """Each channel of a batch less its mean, over its standard deviation; then weight·x + bias. See `F.batch_norm`.

    In training, mean and variance are those of the batch; in evaluation, the running ones, which each batch of the
    training has moved: running = (1 - momentum)·running + momentum·batch's.

    Args:
        num_features: the channels C.
        eps: what is added to the variance.
        momentum: the weight of the newest batch; None for the mean of all batches.
        affine: whether weight and bias are learnt.
        track_running_stats: whether there are running statistics; otherwise each batch is normalised by its own.
        bias: whether there is a bias, where affine.
        dtype: of parameters and running statistics.

    Attributes:
        weight, bias: (C,), 1 and 0 at first; or None.
        running_mean, running_var: (C,), buffers, 0 and 1 at first; or None.
        num_batches_tracked: a buffer, how many batches have moved them; or None.

    Raises:
        ValueError: num_features is below 1; or in training there is one number for each channel, which has no variance.
        ShapeError: called with another number of axes or channels.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> layer = nn.BatchNorm2d(3)
        >>> layer
        BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
        >>> _ = layer(np.ones((5, 3, 4, 4)))
        >>> layer.running_mean, layer.running_var
        (array([0.1, 0.1, 0.1]), array([0.9, 0.9, 0.9]))
    """

    _layouts = ("NCHW",)


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of volumes (N, C, D, H, W). See `BatchNorm2d` for arguments.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.BatchNorm3d(2)(np.ones((3, 2, 1, 4, 4))).shape
        (3, 2, 1, 4, 4)
    """

    _layouts = ("NCDHW",)


class _InstanceNorm(_Normalization):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias, dtype)

    def forward(self, x: Any) -> Any:
        """The same shape."""
        shape = self._check(x)
        batched = len(shape) == len(self._layouts[0])
        out = F.instance_norm(
            x if batched else expand_dims(x, 0),
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            use_input_stats=self.training or not self.track_running_stats,
            momentum=0.0 if self.momentum is None else self.momentum,
            eps=self.eps,
        )
        return out if batched else out[0]


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation of sequences (N, C, L) or (C, L). See `InstanceNorm2d` for arguments.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> nn.InstanceNorm1d(1)(Tensor([[1.0, 3.0]])).data.round(4)
        array([[-1.,  1.]])
    """

    _layouts = ("NCL", "CL")


class InstanceNorm2d(_InstanceNorm):
    """Each channel of each image less its mean, over its standard deviation. See `F.instance_norm`.

    Without running statistics, as by default, training and evaluation are alike.

    Args:
        num_features: the channels C.
        eps: what is added to the variance.
        momentum: the weight of the newest batch in the running statistics; None for 0, as in PyTorch.
        affine: whether weight and bias are learnt.
        track_running_stats: whether evaluation normalises by running statistics, which training moves.
        bias: whether there is a bias, where affine.
        dtype: of parameters and running statistics.

    Attributes:
        weight, bias: (C,), 1 and 0 at first; or None.
        running_mean, running_var: (C,), buffers, 0 and 1 at first; or None.
        num_batches_tracked: a buffer that stays 0, as in PyTorch, whose saved states have it; or None.

    Raises:
        ValueError: num_features is below 1; or there is one number for each channel, which has no variance.
        ShapeError: called with another number of axes or channels.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> layer = nn.InstanceNorm2d(3)
        >>> layer
        InstanceNorm2d(3, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False)
        >>> layer(np.ones((5, 3, 4, 4))).shape
        (5, 3, 4, 4)
    """

    _layouts = ("NCHW", "CHW")


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of volumes (N, C, D, H, W) or (C, D, H, W). See `InstanceNorm2d` for arguments.

    Example:
        >>> import nn
        >>> import numpy as np
        >>> nn.InstanceNorm3d(2)(np.ones((2, 1, 4, 4))).shape
        (2, 1, 4, 4)
    """

    _layouts = ("NCDHW", "CDHW")
