"""The numbers of the seed documents: hand-worked back-propagation through small convolutional networks.

Document 000 is symbols only; the numbers of document 003 stand beside its network in :mod:`gradwalk.seed003`.
"""

from __future__ import annotations

import numpy as np


def as_printed(value: float, text: str) -> str:
    """``value`` rounded to as many decimals as ``text`` prints: equal to ``text`` where the document is right.

    A zero printed as "0" is asked for exactly, so that a small leak through a closed gate shows.

    >>> as_printed(0.63181, "0.6318"), as_printed(0.7 - 1e-12, "0.7"), as_printed(-0.0, "0"), as_printed(1e-9, "0")
    ('0.6318', '0.7', '0', '1e-09')
    """
    if text == "0":
        return "0" if value == 0 else str(float(value))
    decimals = len(text.partition(".")[2])
    return f"{value:.{decimals}f}"


# Document 001. The page prints only the multipliers x1 and x0 of the last window; they are this filter's.
IMAGE_001 = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]], dtype=float)
FILTER_001 = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]], dtype=float)
CONVOLVED_FEATURE_001 = np.array([[4, 3, 4], [2, 4, 3], [2, 3, 4]], dtype=float)

# Document 002: "K=5 -> F_M=5", then the counts of two layers of 32 and 64 kernels of 3 x 3.
KERNELS_002, FEATURE_MAPS_002 = 5, 5
LAYER_1_WEIGHTS_002, LAYER_1_TOTAL_002 = 288, 320
LAYER_2_PER_CHANNEL_002, LAYER_2_WEIGHTS_002, LAYER_2_TOTAL_002 = 567, 18432, 18496

# Document 004: the 4 x 4 example, its pooled output, and its first four im2col columns, one in each row here.
MATRIX_004 = np.array([[3, 2, 3, 1], [0, 5, 3, 4], [1, 2, 2, 2], [7, 3, 1, 7]], dtype=float)
POOLED_004 = np.array([[5, 4], [7, 7]], dtype=float)
IM2COL_004 = np.array([[3, 0, 2, 5], [0, 1, 5, 2], [1, 7, 2, 3], [2, 5, 3, 3]], dtype=float)
