"""The examples here run where JAX is installed; elsewhere tests/replay/test_jax.py skips, and says so."""

try:
    import jax  # noqa: F401
except ModuleNotFoundError:
    collect_ignore_glob = ["*.py"]
