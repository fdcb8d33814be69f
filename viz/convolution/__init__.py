"""How one number of a convolution or a pooling comes about: the numbers, figures of them, and films."""

from viz.convolution.backward import InputGradient, KernelGradient, input_gradient, kernel_gradient
from viz.convolution.draw import draw_convolution, draw_pooling
from viz.convolution.figure import Figure
from viz.convolution.film import convolution_frames, convolution_stage, pooling_frames, pooling_stage
from viz.convolution.forward import ReceptiveField, receptive_field
from viz.convolution.pooling import PooledCell, PoolingWindow, pooling_window
from viz.convolution.sums import Product

__all__ = [
    "Figure",
    "InputGradient",
    "KernelGradient",
    "PooledCell",
    "PoolingWindow",
    "Product",
    "ReceptiveField",
    "convolution_frames",
    "convolution_stage",
    "draw_convolution",
    "draw_pooling",
    "input_gradient",
    "kernel_gradient",
    "pooling_frames",
    "pooling_stage",
    "pooling_window",
    "receptive_field",
]
