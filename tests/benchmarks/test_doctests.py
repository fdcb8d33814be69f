"""The examples of the benchmarks' docstrings, which lie outside the packages whose doctests pytest collects."""

import doctest
import importlib

import pytest

MODULES = ("catalogue", "environments", "growth", "outcome", "page", "report", "worker", "workload")


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings(name):
    tried = doctest.testmod(importlib.import_module(f"benchmarks.{name}"))
    assert tried.attempted
    assert not tried.failed
