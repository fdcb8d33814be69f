"""Colour refinement: items get another colour where their neighbours' colours differ, round by round, until none does.

Two items keep one colour if they have arguments of the same colours in the same places, and are used by the same set of
colours in the same places. At the end equal colours mean equal surroundings, however far one looks.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = Any


class Uses(NamedTuple):
    """The uses among items 0, 1, ...: item `targets[i]` uses item `sources[i]` as its argument number `places[i]`."""

    sources: Array
    targets: Array
    places: Array


class Refinement:
    """Colours of items, refined round by round.

    Only items whose neighbours' colours changed are looked at again, and of a colour that splits the largest share
    keeps it: a million items in a network of thirty layers take as long as three rounds over all of them would.

    Args:
        colours: a number for each item; they need not be consecutive.
        uses: the uses among them.

    Attributes:
        colours: 0, 1, ... for each item, as an array.
        count: how many colours there are.

    Example:
        A chain of five: after one round its ends are told apart, after two its middle.

        >>> chain = Uses(np.arange(4), np.arange(1, 5), np.zeros(4, int))
        >>> refinement = Refinement(np.zeros(5, int), chain)
        >>> [int(refinement.advance()) for _ in range(3)], refinement.count
        ([2, 2, 0], 5)
    """

    def __init__(self, colours: Array, uses: Uses) -> None:
        names, self.colours = np.unique(colours, return_inverse=True)
        self.count = len(names)
        self._sizes = np.bincount(self.colours, minlength=self.count)
        self._to_arguments = _Neighbours(uses.targets, uses.sources, uses.places, len(colours))
        self._to_results = _Neighbours(uses.sources, uses.targets, uses.places, len(colours))
        self._places = int(uses.places.max(initial=0)) + 1
        self._touched = np.arange(len(colours))

    def advance(self, limit: int | None = None) -> int | None:
        """One round: returns how many items changed their colour, 0 when the colours are final.

        Where there would be more than `limit` colours nothing changes, and None is returned.
        """
        rows = self._touched
        old = self.colours[rows]
        groups = _Groups(old, self._signatures(rows))
        untouched = self._sizes[groups.colours] - np.bincount(old, minlength=self.count)[groups.colours]
        keeps = groups.is_largest & (untouched == 0)  # else those that nothing around has changed for keep the colour
        fresh = self.count + np.cumsum(~keeps) - 1
        total = self.count + int((~keeps).sum())
        if limit is not None and total > limit:
            return None
        new = np.where(keeps, groups.colours, fresh)[groups.of_rows]
        changed = rows[new != old]
        self.colours[rows] = new
        self.count = total
        self._sizes = np.bincount(self.colours, minlength=total)
        around = self._to_results.of(changed)[1], self._to_arguments.of(changed)[1]
        self._touched = _distinct(np.concatenate(around))
        return len(changed)

    def split(self, items: Array) -> None:
        """Give each of the items a colour of its own; further rounds spread what follows from it."""
        self.colours[items] = np.arange(self.count, self.count + len(items))
        _, self.colours = np.unique(self.colours, return_inverse=True)
        self.count = int(self.colours.max(initial=-1)) + 1
        self._sizes = np.bincount(self.colours, minlength=self.count)
        self._touched = np.arange(len(self.colours))

    def _signatures(self, rows: Array) -> Array:
        """A number for each item that two share only if their neighbours are coloured alike.

        Arguments count with their number, so that a sum of three terms is none of four; uses do not.
        """
        owners, arguments, places = self._to_arguments.of(rows)
        made_of = _summed(_mixed(places * self.count + self.colours[arguments]), owners, len(rows))
        owners, results, places = self._to_results.of(rows)
        span = self._places * self.count
        used_by = _distinct(owners * span + places * self.count + self.colours[results])  # each colour once
        owners, codes = used_by // span, used_by % span
        return made_of * np.uint64(3) + _summed(_mixed(codes + span), owners, len(rows))


class _Neighbours:
    """The neighbours of items in one direction, sorted by item."""

    def __init__(self, items: Array, others: Array, places: Array, count: int) -> None:
        order = np.argsort(items, kind="stable")
        self._others, self._places = others[order], places[order]
        self._starts = np.searchsorted(items[order], np.arange(count + 1))

    def of(self, rows: Array) -> tuple[Array, Array, Array]:
        """For each use by the rows: the place of the row among them, the neighbour, the argument's number."""
        starts = self._starts[rows]
        counts = self._starts[rows + 1] - starts
        owners = np.repeat(np.arange(len(rows)), counts)
        before = np.cumsum(counts) - counts
        positions = np.arange(len(owners)) + np.repeat(starts - before, counts)
        return owners, self._others[positions], self._places[positions]


class _Groups:
    """Rows of one colour and one signature.

    Attributes:
        of_rows: the group of each row.
        colours, sizes: of each group.
        is_largest: whether no other group of its colour is larger; of equals the first by signature.
    """

    def __init__(self, colours: Array, signatures: Array) -> None:
        keys = _mixed(colours) ^ signatures
        rows = np.argsort(keys)
        begins = _begins(keys[rows])
        self.of_rows = np.empty(len(rows), np.int64)
        self.of_rows[rows] = np.cumsum(begins) - 1
        self.sizes = np.bincount(self.of_rows)
        self.colours = colours[rows[begins]]
        order = np.lexsort((-self.sizes, self.colours))
        self.is_largest = np.zeros(len(order), bool)
        self.is_largest[order] = np.diff(self.colours[order], prepend=-1) != 0


def _begins(numbers: Array) -> Array:
    """Of sorted numbers: whether each is another than the one before it."""
    begins = np.ones(len(numbers), bool)
    begins[1:] = numbers[1:] != numbers[:-1]
    return begins


def _distinct(numbers: Array) -> Array:
    """The different numbers, sorted: `np.unique` takes seventy times as long for two million."""
    ordered = np.sort(numbers)
    return ordered[_begins(ordered)]


def _summed(numbers: Array, owners: Array, count: int) -> Array:
    """The sum of the numbers of each owner, modulo 2^64; the owners are sorted."""
    totals = np.concatenate([np.zeros(1, np.uint64), np.cumsum(numbers, dtype=np.uint64)])
    ends = np.searchsorted(owners, np.arange(count + 1))
    return totals[ends[1:]] - totals[ends[:-1]]


def _mixed(numbers: Array) -> Array:
    """Small integers scattered over 64 bits, the same in every run: the finalizer of splitmix64."""
    z = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
