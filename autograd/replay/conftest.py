"""Examples of what needs an optional package run where it is installed; elsewhere its tests skip, and say so."""

from importlib.util import find_spec

collect_ignore_glob = []
if find_spec("jax") is None:
    collect_ignore_glob += ["jax/*.py"]
if find_spec("numba") is None:
    collect_ignore_glob += ["arrays/compiled/*.py", "scalars/*kernels.py", "scalars/calculus.py", "scalars/compiled.py"]
