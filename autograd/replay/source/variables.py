"""The variables of a written program: which name stands for which place, and what is written out instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.replay.source import literals
from autograd.replay.source.names import Names
from autograd.replay.tape import CONSTANT, LEAF, Computed, Given, Tape

MOST_LEAVES = 12  # Values without a name that are arguments one by one; more come as one list


class Variables:
    """Names for places.

    Attributes:
        arrays: the constants that are too large to be written out, by name.
        listed: the captured leaves that come as one list, if there are so many.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.names = Names()
        self.arrays: dict[str, Any] = {}
        self._array_names: dict[int, str] = {}
        self._of_place: dict[int, str] = {}
        self.inputs = [self._name_input(number) for number in range(len(tape.inputs))]
        unnamed = [place for place in tape.leaves if not tape.names.get(place)]
        self.listed = unnamed if tape.kind == "value" and len(unnamed) > MOST_LEAVES else []
        self.list_name = self.names.named("leaves", "leaves") if self.listed else ""
        for place in tape.leaves:
            self._of_place[place] = self.names.named(tape.names.get(place, ""), "leaf")
        self.outputs = list(dict.fromkeys(tape.outputs))

    def _name_input(self, number: int) -> str:
        spec = self.tape.inputs[number]
        name = self.names.named(spec.name, "input")
        if spec.kind == "values":
            for place, index in zip(spec.places, np.ndindex(*spec.shape), strict=True):
                self._of_place[place] = self.names.named("_".join(map(str, (name, *index))), name)
        elif spec.places:
            self._of_place[spec.places[0]] = name
        return name

    def __getitem__(self, place: int) -> str:
        """The name of a place's variable."""
        name = self._of_place.get(place)
        if name is None:
            code = int(self.tape.codes[place])
            stem = self.tape.rules[code].name.replace(".", "_") if code >= 0 else "constant"
            name = self._of_place[place] = self.names.named(self.tape.names.get(place, ""), stem)
        return name

    def operand(self, place: int, others: list[int], *, as_number: bool) -> str:
        """The text of an argument: its variable, or the constant itself where it is small.

        Args:
            place: the argument's.
            others: the places of all arguments of the operation.
            as_number: whether a Python number may stand for an array of one.
        """
        if int(self.tape.codes[place]) != CONSTANT:
            return self[place]
        constant = self.tape.constants[place]
        if self.tape.kind == "value":
            return literals.number(float(constant), "math")
        if as_number and constant.ndim == 0 and constant.dtype.kind == "f" and self._is_beside_others(others):
            return literals.number(float(constant))
        return self.array(constant, self.tape.names.get(place, ""), "constant")

    def _is_beside_others(self, others: list[int]) -> bool:
        """Whether a Python number may take its dtype from another argument, which was cast to the result's."""
        return any(int(self.tape.codes[each]) != CONSTANT for each in others)

    def array(self, array: Any, wanted: str = "", otherwise: str = "array") -> str:
        """A small array written out; the name of a large one, which is put among `arrays`."""
        if array.size <= literals.SMALL:
            return literals.array(array)
        name = self._array_names.get(id(array))
        if name is None:
            name = self._array_names[id(array)] = self.names.named(wanted, otherwise)
            self.arrays[name] = array
        return name

    def parameter(self, value: Any) -> str:
        """The text of a parameter that is no literal."""
        if isinstance(value, Given):
            return self.inputs[value.input]
        if isinstance(value, Computed):
            return self[value.place]
        if isinstance(value, np.ndarray):
            return self.array(value, otherwise="array")
        return repr(value)

    # ---- arguments of the written functions -----------------------------------------------------------------------

    def arguments(self) -> list[str]:
        """The arguments of `forward` that are inputs and leaves."""
        single = [self[place] for place in self.tape.leaves if place not in self.listed]
        return [*self.inputs, *single, *([self.list_name] if self.listed else [])]

    def preparation(self) -> Iterator[str]:
        """The lines that unpack lists, and make arrays of what is given."""
        for name, spec in zip(self.inputs, self.tape.inputs, strict=True):
            if spec.kind == "values" and spec.places:
                yield f"{_nested([self[place] for place in spec.places], spec.shape)} = {name}"
            elif spec.kind == "integers":
                yield f"{name} = np.asarray({name}, dtype={literals.dtype(spec.dtype)})  # {spec.shape}"
            elif spec.kind == "tensor":
                yield self._as_array(spec.places[0])
        if self.tape.kind == "tensor":
            yield from map(self._as_array, self.tape.leaves)
        elif self.listed:
            yield f"{', '.join(self[place] for place in self.listed)} = {self.list_name}"

    def _as_array(self, place: int) -> str:
        dtype, shape = self.tape.dtypes[place], self.tape.shapes[place]
        return f"{self[place]} = np.asarray({self[place]}, dtype={literals.dtype(dtype)})  # {shape}"

    def leaf_data(self) -> dict[str, Any]:
        """The captured leaves' data now, by the name of the argument."""
        data: dict[str, Any] = {
            self[place]: np.array(leaf._data) if self.tape.kind == "tensor" else float(leaf._data)
            for place, leaf in self.tape.leaves.items()
            if place not in self.listed
        }
        if self.listed:
            data[self.list_name] = [float(self.tape.leaves[place]._data) for place in self.listed]
        return data

    def gradients(self, gradient_of: Any) -> list[tuple[str, str]]:
        """What `backward` returns: a name and the text of its gradient, for each input and leaf that has one."""
        pairs = []
        for name, spec in zip(self.inputs, self.tape.inputs, strict=True):
            if spec.differentiable:
                texts = [gradient_of(place) for place in spec.places]
                pairs.append((name, _nested(texts, spec.shape, "[]") if spec.kind == "values" else texts[0]))
        pairs += [(self[place], gradient_of(place)) for place in self.tape.leaves if place not in self.listed]
        if self.listed:
            pairs.append((self.list_name, "[" + ", ".join(map(gradient_of, self.listed)) + "]"))
        return pairs

    def is_leaf(self, place: int) -> bool:
        """Whether a place is an input or a captured leaf."""
        return int(self.tape.codes[place]) == LEAF


def _nested(texts: list[str], shape: tuple[int, ...], brackets: str = "") -> str:
    """Names in the nesting of a shape: ``(a, b), (c, d)``, with brackets ``[[a, b], [c, d]]``."""
    if len(shape) <= 1:
        inside = ", ".join(texts)
    else:
        step = len(texts) // shape[0]
        rows = [_nested(texts[n : n + step], shape[1:], brackets or "()") for n in range(0, len(texts), step)]
        inside = ", ".join(rows)
    comma = "," if len(shape) == 1 and shape[0] == 1 and brackets != "[]" else ""
    comma = comma or ("," if len(shape) > 1 and shape[0] == 1 and brackets != "[]" else "")
    return f"{brackets[:1]}{inside}{comma}{brackets[1:]}"
