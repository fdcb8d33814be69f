"""Refuses to run where HIPS autograd is installed: that distribution owns the import name `autograd` too.

Two distributions with one package name overwrite each other's files without a word from pip, and what is then imported
is a mixture. This module says so at import. It uses `os` and `sys` alone and lists directories once, because every
`import autograd` pays for it.
"""

import os
import sys

_REMEDY = (
    "Remedy: `pip uninstall autograd`, then install gradwalk again as before, with `pip install --force-reinstall "
    "--no-deps` (files that both had are gone with the other); or give each a virtual environment of its own."
)

_own_package_ran = False


def refuse_foreign_autograd() -> None:
    """Raise where the distribution `autograd` (HIPS autograd) is installed; gradwalk's `autograd` calls this first.

    The record of an installed distribution, such as `autograd-1.8.0.dist-info`, is looked for in every directory of
    `sys.path`, whichever of the two was installed last.

    Raises:
        ImportError: naming the records found, why the two exclude each other, and the remedy.

    >>> refuse_foreign_autograd()
    """
    global _own_package_ran
    records = _foreign_records()
    if records:
        raise ImportError(
            f"gradwalk cannot share an environment with the distribution `autograd` (HIPS autograd), found at "
            f"{', '.join(records)}: both install a package named `autograd`, so each overwrites or hides the other's "
            f"files. {_REMEDY}"
        )
    _own_package_ran = True


def require_own_autograd() -> None:
    """Raise where the `autograd` that was imported is not gradwalk's; `nn` and `viz` call this first.

    Raises:
        ImportError: naming the package that was imported in its place, and the remedy.

    >>> import autograd
    >>> require_own_autograd()
    """
    if _own_package_ran:
        return
    refuse_foreign_autograd()
    found = getattr(sys.modules.get("autograd"), "__file__", None)
    what = f"`import autograd` ran {found}, which is not gradwalk's" if found else "autograd/__init__.py is missing"
    raise ImportError(
        f"gradwalk's package `autograd` is damaged: {what}. The distribution `autograd` (HIPS autograd) installs files "
        f"of the same names, and may have been here. {_REMEDY}"
    )


def _foreign_records() -> list[str]:
    """Paths of the installed records of a distribution named `autograd`, in the order of `sys.path`."""
    records = []
    for directory in dict.fromkeys(sys.path):
        try:
            names = os.listdir(directory or os.curdir)
        except OSError:  # an archive, or a directory that is not there
            continue
        records += sorted(os.path.join(directory, name) for name in names if _is_foreign_record(name))
    return records


def _is_foreign_record(name: str) -> bool:
    """Whether a file name records the distribution `autograd`, rather than `autograd_gamma` or a package directory."""
    if name[:8].lower() != "autograd":
        return False
    rest = name[8:].lower()
    if rest in (".egg-info", ".egg-link"):  # an old installation of a source tree
        return True
    return rest[:1] == "-" and rest[1:2].isdigit() and rest.endswith((".dist-info", ".egg-info", ".egg"))
