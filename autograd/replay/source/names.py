"""The names of variables: each one once, none of Python's words, none that the text uses itself."""

from __future__ import annotations

import builtins
import keyword
import re

from autograd.replay.source.helpers import HELPERS

_TAKEN = {"np", "math", "forward", "backward", "saved", "arrays", "functions", *HELPERS, *dir(builtins)}


class Names:
    """Gives out names, and with each the name of its gradient, ``d_`` before it."""

    def __init__(self) -> None:
        self._taken = set(_TAKEN)
        self._counts: dict[str, int] = {}

    def named(self, wanted: str, otherwise: str) -> str:
        """The wanted name made an identifier, or a numbered one; another number where it is taken.

        >>> names = Names()
        >>> names.named("conv1.weight", "leaf"), names.named("", "exp"), names.named("", "exp"), names.named("if", "x")
        ('conv1_weight', 'exp_1', 'exp_2', 'x_1')
        """
        name = re.sub(r"\W+", "_", wanted).strip("_") if wanted else ""
        if name.isidentifier() and name.isascii() and not keyword.iskeyword(name) and self._is_free(name):
            return self._take(name)
        stem = name if name.isidentifier() and name.isascii() and not keyword.iskeyword(name) else otherwise
        while True:
            self._counts[stem] = self._counts.get(stem, 0) + 1
            numbered = f"{stem}_{self._counts[stem]}"
            if self._is_free(numbered):
                return self._take(numbered)

    def _is_free(self, name: str) -> bool:
        return name not in self._taken and f"d_{name}" not in self._taken

    def _take(self, name: str) -> str:
        self._taken |= {name, f"d_{name}"}
        return name
