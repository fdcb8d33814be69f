"""Where windows lie: against every window looked at one by one."""

import numpy as np
import pytest

from tests.viz.convolution.oracle import draw_case
from viz.convolution.finding import convolution_of
from viz.convolution.windows import checked_index


@pytest.mark.parametrize("seed", range(30))
def test_the_windows_that_reach_a_place_are_those_that_hold_it(seed: int) -> None:
    case = draw_case(np.random.default_rng(seed))
    windows = convolution_of(case.run()[0]).windows
    assert windows.counts == case.upstream.shape[-2:]
    assert windows.lengths == case.x.shape[-2:]
    for place in np.ndindex(*windows.lengths):
        expected = [
            (position, offset)
            for position in windows.positions()
            for offset in windows.offsets()
            if windows.place(position, offset) == place
        ]
        assert list(windows.reaching((place[0], place[1]))) == expected


def test_an_index_counts_from_the_end_too() -> None:
    assert checked_index("f", "y", (2, 3), (-1, 0)) == (1, 0)
    assert checked_index("f", "y", (2, 3), (np.int64(1), 2)) == (1, 2)
    assert checked_index("f", "y", (2, 3), None) == (0, 0)


@pytest.mark.parametrize("index", [(2, 0), (0, -4), (0,), (0, 0, 0), 1, (0.5, 0), "01", (slice(None), 0)])
def test_what_is_no_index_is_named(index: object) -> None:
    with pytest.raises(IndexError, match=r"f: y of shape \(2, 3\) has no element .*; give one integer for each"):
        checked_index("f", "y", (2, 3), index)


def test_an_empty_array_has_no_first_element() -> None:
    with pytest.raises(IndexError, match="has no element None"):
        checked_index("f", "y", (0, 3), None)
