"""Parts of the package that are imported when they are first asked for, so that `import autograd` stays quick.

Stepping, explaining, checking: a program that only computes never needs them, and they take as long as all the rest.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Collection, Mapping
from types import ModuleType
from typing import Any


def import_later(package: str, homes: Mapping[str, str], modules: Collection[str] = ()) -> None:
    """Let names of a package be looked up in its modules when they are first used.

    A function may have the name of its module, as `autograd.explain.explain` has: the package's attribute is always the
    function, also where something else has imported the module before.

    Args:
        homes: the module, by the name that is found in it.
        modules: submodules that are attributes of the package too.
    """

    class Package(ModuleType):
        def __getattr__(self, name: str) -> Any:
            if name in modules:
                return importlib.import_module(f"{package}.{name}")
            if name not in homes:
                raise AttributeError(f"module {package!r} has no attribute {name!r}")
            found = getattr(importlib.import_module(homes[name]), name)
            super().__setattr__(name, found)
            return found

        def __setattr__(self, name: str, value: Any) -> None:
            if not (name in homes and isinstance(value, ModuleType)):  # the import system's own binding of a module
                super().__setattr__(name, value)

        def __dir__(self) -> list[str]:
            return sorted({*super().__dir__(), *homes, *modules})

    sys.modules[package].__class__ = Package
