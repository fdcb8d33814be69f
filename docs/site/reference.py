"""The pages of the reference: which public names stand on which; the text is that of their docstrings."""

import importlib
import inspect
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from autograd import Primitive

# Each page: its modules, whose public names are listed. What several of them have stands on the first page that has it.
PAGES: Mapping[str, tuple[str, ...]] = {
    "testing": ("autograd.testing",),
    "replay": ("autograd.replay",),
    "autograd": ("autograd", "autograd.errors", "autograd.functions.linalg"),
    "functional": ("nn.functional",),
    "layers": ("nn.layers",),
    "training": ("nn.optim", "nn.data", "nn.training", "nn.saving", "nn.init"),
    "models": ("nn",),
    "viz": ("viz",),
}


def reference_pages() -> dict[str, str]:
    """The text of each page, in Markdown with Sphinx's own directives.

    Example:
        >>> print(reference_pages()["replay"].splitlines()[0])
        # autograd.replay
    """
    told: set[int] = set()
    return {page: _page([importlib.import_module(name) for name in names], told) for page, names in PAGES.items()}


def _page(modules: list[ModuleType], told: set[int]) -> str:
    lines: list[str] = []
    for depth, module in enumerate(modules):
        lines += [f"{'##' if depth else '#'} {module.__name__}", "", *_summary(module), ""]
        entries = [_entry(module, name, told) for name in public_names(module)]
        lines += ["```{eval-rst}", *(line for entry in entries for line in entry), "```", ""]
    return "\n".join(lines)


def _summary(module: ModuleType) -> list[str]:
    return (inspect.getdoc(module) or "").split("\n\n")[0].splitlines()


def public_names(module: ModuleType) -> list[str]:
    """The names of a module that are for its users, in their order."""
    own = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    return list(getattr(module, "__all__", [name for name in own if not name.startswith("_")]))


def _entry(module: ModuleType, name: str, told: set[int]) -> list[str]:
    """The directive of one name; none for a module, nor for a primitive, which the derivative table has."""
    value: Any = getattr(module, name)
    if inspect.ismodule(value) or isinstance(value, Primitive) or id(value) in told:
        return []
    told.add(id(value))
    path = f"{_public_path(module)}.{name}"
    if inspect.isclass(value):
        return [f".. autoclass:: {path}", ""]
    return [f".. autofunction:: {path}" if callable(value) else f".. autodata:: {path}", ""]


def _public_path(module: ModuleType) -> str:
    """The module that a user imports a name from: `nn` has what its parts have."""
    package, _, part = module.__name__.partition(".")
    return package if package == "nn" and part not in ("", "functional", "init") else module.__name__
