"""Faults on, off, nested, after exceptions: the engine is always as it was."""

from __future__ import annotations

import pickle
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import Tensor, Value
from autograd.rule import primitives
from autograd.testing.faults import FAMILIES, active, catalogue, fault, find, mystery
from autograd.testing.faults.fault import Change, Fault
from autograd.testing.faults.making import of
from autograd.testing.faults.mystery import hidden


def engine() -> dict[tuple[str, str], int]:
    """The identity of every attribute of every primitive, module and class of autograd and nn."""
    modules = [each for key, each in sorted(sys.modules.items()) if key.split(".")[0] in ("autograd", "nn")]
    owners: dict[str, Any] = {f"primitive {rule.name}": rule for rule in primitives()}
    for module in modules:
        owners[module.__name__] = module
        for value in list(vars(module).values()):
            if isinstance(value, type) and value.__module__.split(".")[0] in ("autograd", "nn"):
                owners[f"{value.__module__}:{value.__qualname__}"] = value
    # What counts calls and time is not the engine's rules.
    moving = {"last_change", "special", "__warningregistry__", "_lock", "_on", "_threads"}
    return {
        (name, key): id(value)
        for name, owner in owners.items()
        for key, value in list(vars(owner).items())
        if key not in moving
    }


@pytest.fixture(scope="module")
def imported() -> None:
    for each in catalogue():
        each.changes()  # imports what it needs, which is no change of the engine


@pytest.fixture(autouse=True)
def unchanged(imported: None) -> Iterator[None]:
    before = engine()
    yield
    after = engine()
    assert {key for key in before if before[key] != after.get(key)} == set()
    assert set(after) == set(before)


def gradient(x: Any) -> Any:
    x.zero_grad()
    (x * x + F.tanh(x)).sum().backward()
    return x.grad.copy()


def held_by(each: Fault) -> list[Any]:
    """What stands where a fault changes something, an attribute of the owner's own or an inherited one."""
    return [vars(owner).get(attribute, "inherited") for owner, attribute, _ in each.changes()]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_fault_changes_the_engine_and_leaves_it_as_it_was(family: str) -> None:
    for each in catalogue(family):
        changes, before = each.changes(), held_by(each)
        with fault(each):
            now = [vars(owner).get(attribute) for owner, attribute, _ in changes]
            assert all(wrong is not right for wrong, right in zip(now, before, strict=True)), each.name
        assert all(left is right for left, right in zip(held_by(each), before, strict=True)), each.name


def broken_off(x: Any, right: Any) -> None:
    with fault("tanh_not_squared"):
        assert not np.array_equal(gradient(x), right)
        raise ZeroDivisionError


def test_an_exception_switches_the_fault_off() -> None:
    x = Tensor([0.5, -1.0], requires_grad=True)
    right = gradient(x)
    with pytest.raises(ZeroDivisionError):
        broken_off(x, right)
    assert active() == ()
    assert np.array_equal(gradient(x), right)


def test_two_faults_in_one_rule_add_up() -> None:
    x = Tensor([0.5, -1.0], requires_grad=True)
    out = np.tanh(x.data)
    with fault("tanh_not_squared"), fault("tanh_in_float32"):
        assert [each.name for each in active()] == ["tanh_not_squared", "tanh_in_float32"]
        assert np.array_equal(gradient(x), 2 * x.data + (1.0 - out).astype(np.float32))


def test_the_first_of_two_faults_may_be_switched_off_first() -> None:
    x = Tensor([0.5, -1.0], requires_grad=True)
    out = np.tanh(x.data)
    first, second = fault("tanh_not_squared"), fault("tanh_in_float32")
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert [each.name for each in active()] == ["tanh_in_float32"]
    assert np.array_equal(gradient(x), 2 * x.data + (1.0 - out * out).astype(np.float32))
    second.__exit__(None, None, None)
    assert active() == ()


def test_a_fault_that_is_on_is_not_switched_on_again() -> None:
    with (
        fault("min_without_second_minus"),
        pytest.raises(RuntimeError, match="the same mistake twice"),
        fault("min_without_second_minus"),
    ):
        pass
    assert active() == ()


def test_another_thread_is_refused_and_this_one_goes_on() -> None:
    refused: list[str] = []

    def other() -> None:
        try:
            with fault("cos_without_minus"):
                pass
        except RuntimeError as error:
            refused.append(str(error))

    with fault("tanh_not_squared"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert [each.name for each in active()] == ["tanh_not_squared"]
    assert refused
    assert "another thread has 'tanh_not_squared' on" in refused[0]


def test_a_fault_that_cannot_be_put_in_leaves_nothing_behind() -> None:
    class Owner:
        kept = 1

    def fails(_: Any) -> Any:
        raise KeyError("none")

    changes = [Change(Owner, "kept", lambda right: right + 1), Change(Owner, "kept", fails)]
    broken = Fault("broken", "walk", "It fails.", "None.", "", False, (), lambda: changes, of(abs, 1.0))
    with pytest.raises(KeyError), fault(broken):
        pass
    assert Owner.kept == 1
    assert active() == ()


def test_scalar_nodes_have_the_fault_of_their_rule() -> None:
    x = Value(0.5)
    with fault("tanh_not_squared"):
        y = x.tanh()
        y.backward()
    assert x.grad == 1.0 - y.data


def test_a_method_has_the_fault_of_its_function() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
    with fault("mean_without_divisor"):
        x.mean().backward()
    assert np.array_equal(x.grad, np.ones((2, 2)))


def test_the_table_of_primitives_has_none_of_a_fault() -> None:
    names = [rule.name for rule in primitives()]
    with fault("softmax_without_cross_terms"):
        F.softmax(Tensor([1.0, 2.0], requires_grad=True), dim=0)
        assert [rule.name for rule in primitives()] == names
    assert pickle.loads(pickle.dumps(primitives()[0])) is primitives()[0]


def test_a_mystery_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    found = []
    for seed in (3, 3, *range(20)):
        with mystery(seed=seed) as case:
            assert [each.name for each in active()] == [case.reveal().name]
            found.append(case.reveal().name)
    assert found[0] == found[1]
    assert len(set(found)) > 10


def test_a_mystery_does_not_tell_its_name_until_it_is_asked() -> None:
    with mystery(seed=5, family="structural") as case:
        secret = case.reveal()
        assert secret.name not in repr(case) + str(vars(type(case))) + case.hint()
        assert "structural" in case.hint()
        assert not case.guess("cos_without_minus")
        assert not case.guess("")
        assert case.guess(secret.name)
        assert case.guess(secret.where)
        assert case.guesses == 4
        function, inputs = case.example()
        assert callable(function)
        assert inputs
    assert active() == ()


def test_nothing_is_no_answer_even_where_no_operation_is_to_blame() -> None:
    with hidden([find("interior_not_cleared")], seed=0) as case:
        assert case.reveal().where == ""
        assert not case.guess("")
        assert case.guess("interior_not_cleared")
