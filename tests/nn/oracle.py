"""Functions and modules held against PyTorch on random configurations: values, two orders of derivatives, float32."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

import nn
from autograd import Tensor, grad
from tests.amounts import IS_WHOLE, configurations
from tests.tracing import traced_at_first

torch = pytest.importorskip("torch", reason="PyTorch is the oracle of these tests: pip install gradwalk[torch]")
torch.set_num_threads(1)

CONFIGURATIONS = 300
RELATIVE = {"value": 1e-10, "gradient": 1e-10, "second": 1e-8, "single": 1e-4}

Array = Any
Draw = Callable[[np.random.Generator], "Case"]


class Case(NamedTuple):
    """One configuration of a function.

    Attributes:
        arrays: float64 operands to differentiate by.
        ours, theirs: the function of those operands, Tensors there and PyTorch tensors here; constants that it closes
            over follow the operands' dtype. Each returns one tensor or a tuple of them.
        note: what a failure should say of the configuration.
        second: whether it has second derivatives to compare.
        single: whether float32 is compared too.
    """

    arrays: Sequence[Array]
    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    note: str = ""
    second: bool = True
    single: bool = True


def hold(draw: Draw, count: int = CONFIGURATIONS) -> None:
    """Compare on random configurations: values and gradients on each, float32 on a third, second derivatives on half.

    Where `tests.amounts` asks for all of them, second derivatives on each too.
    """
    compare = traced_at_first(_hold_one, count=5)
    for seed in range(configurations(count)):
        compare(draw, seed)


def _hold_one(draw: Draw, seed: int) -> None:
    rng = np.random.default_rng(seed)
    case = draw(rng)
    try:
        _first_order(case, rng, np.float64, RELATIVE["value"], RELATIVE["gradient"])
        if case.second and (IS_WHOLE or seed % 2 == 0):
            _second_order(case, rng)
        if case.single and seed % 3 == 0:
            _first_order(case, rng, np.float32, RELATIVE["single"], RELATIVE["single"])
    except Exception as error:
        shapes = ", ".join(str(array.shape) for array in case.arrays)
        error.add_note(f"configuration {seed}: operands of shapes {shapes}; {case.note}")
        raise


def hold_module(draw: Callable[[np.random.Generator], tuple[Any, Any, Sequence[Array]]], **options: Any) -> None:
    """Compare a module and PyTorch's, which gets the same state, by their inputs and by every parameter.

    Args:
        draw: gives our module, theirs, and the float64 inputs.
        options: `count`, and `second` and `single` as in `Case`.
    """
    count = options.pop("count", CONFIGURATIONS)

    def case(rng: np.random.Generator) -> Case:
        ours, theirs, inputs = draw(rng)
        return module_case(ours, theirs, inputs, **options)

    hold(case, count)


def module_case(ours: Any, theirs: Any, inputs: Sequence[Array], **options: Any) -> Case:
    """A module as a function of its inputs and its parameters."""
    state = {name: torch.from_numpy(np.array(array)) for name, array in ours.state_dict().items()}
    theirs = theirs.to(torch.float64)
    theirs.load_state_dict(state)
    names = [name for name, _ in theirs.named_parameters()]
    assert [name for name, _ in ours.named_parameters()] == names
    assert ours.training == theirs.training

    def call_ours(*operands: Tensor) -> Any:
        given = dict(zip(names, operands[len(inputs) :], strict=True))
        return nn.functional_call(ours, given, *operands[: len(inputs)])

    def call_theirs(*operands: Any) -> Any:
        given = dict(zip(names, operands[len(inputs) :], strict=True))
        buffers = {
            name: array.to(operands[0].dtype) if array.is_floating_point() else array.clone()
            for name, array in theirs.named_buffers()
        }
        return torch.func.functional_call(theirs, {**given, **buffers}, operands[: len(inputs)])

    parameters = [ours.state_dict()[name] for name in names]
    return Case([*inputs, *parameters], call_ours, call_theirs, note=repr(ours), **options)


def _first_order(case: Case, rng: np.random.Generator, dtype: Any, value: float, gradient: float) -> None:
    leaves = [Tensor(np.asarray(array, dtype), requires_grad=True) for array in case.arrays]
    references = [torch.tensor(np.asarray(array, dtype), requires_grad=True) for array in case.arrays]
    outs, expected = _outputs(case.ours(*leaves)), _outputs(case.theirs(*references))
    assert len(outs) == len(expected)
    for out, reference in zip(outs, expected, strict=True):
        assert_near(out.data, reference.detach().numpy(), value, "value")
    upstream = [np.asarray(rng.normal(size=out.shape), dtype) for out in outs]
    wanted = [place for place, out in enumerate(outs) if out.requires_grad]
    for place in wanted:
        outs[place].backward(upstream[place])
    assert all(expected[place].requires_grad == (place in wanted) for place in range(len(outs)))
    if wanted:
        torch.autograd.backward(
            [expected[place] for place in wanted], [torch.from_numpy(upstream[place]) for place in wanted]
        )
    least = max((float(np.abs(each).max(initial=0.0)) for each in upstream), default=0.0)
    for place, (own, reference) in enumerate(zip(leaves, references, strict=True)):
        grad = np.zeros_like(own.data) if reference.grad is None else reference.grad.numpy()
        found = np.zeros_like(own.data) if own.grad is None else own.grad
        assert_near(found, grad, gradient, f"gradient of operand {place}", least)


def _second_order(case: Case, rng: np.random.Generator) -> None:
    """The gradient of Σ direction · gradient, in which the output enters by its cube, so that no term vanishes."""
    arrays = [np.asarray(array, np.float64) for array in case.arrays]
    directions = [rng.normal(size=array.shape) for array in arrays]
    weights = [rng.normal(size=out.shape) for out in _outputs(case.theirs(*map(torch.from_numpy, arrays)))]
    places = tuple(range(len(arrays)))

    def value(*operands: Any) -> Any:
        outs = _outputs(case.ours(*operands))
        return sum((weight * (out + out * out * out)).sum() for weight, out in zip(weights, outs, strict=True))

    def directional(*operands: Any) -> Any:
        gradients = grad(value, places)(*operands)
        return sum((each * way).sum() for each, way in zip(gradients, directions, strict=True))

    found = grad(directional, places)(*(Tensor(array) for array in arrays))

    references = [torch.from_numpy(array.copy()).requires_grad_() for array in arrays]
    outs = _outputs(case.theirs(*references))
    scalar = sum(
        (torch.from_numpy(weight) * (out + out * out * out)).sum() for weight, out in zip(weights, outs, strict=True)
    )
    if not scalar.requires_grad:
        assert not any(each.data.any() for each in found)
        return
    firsts = torch.autograd.grad(scalar, references, create_graph=True, allow_unused=True)
    pairs = [(first, way) for first, way in zip(firsts, directions, strict=True) if first is not None]
    second = sum((first * torch.from_numpy(way)).sum() for first, way in pairs)
    if not pairs or not second.requires_grad:
        assert not any(each.data.any() for each in found)
        return
    expected = torch.autograd.grad(second, references, allow_unused=True)
    least = max((float(np.abs(first.detach().numpy()).max(initial=0.0)) for first, _ in pairs), default=0.0)
    for place, (own, reference) in enumerate(zip(found, expected, strict=True)):
        wanted = np.zeros_like(arrays[place]) if reference is None else reference.numpy()
        assert_near(own.data, wanted, RELATIVE["second"], f"second derivative by operand {place}", least)


def _outputs(result: Any) -> list[Any]:
    """The floating-point tensors of a result: one, or those of nested tuples."""
    if isinstance(result, tuple | list):
        return [each for part in result for each in _outputs(part)]
    return [result] if result is not None else []


def assert_near(actual: Any, expected: Any, relative: float, what: str, least: float = 0.0) -> None:
    """Equal shape and dtype, and elements equal relative to the largest; infinities and NaN included.

    `least` is the size of the terms that were added up: where they cancel, their rounding remains.
    """
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, expected {expected.shape}"
    assert actual.dtype == expected.dtype, f"{what}: {actual.dtype}, expected {expected.dtype}"
    scale = float(np.max(np.abs(expected[np.isfinite(expected)]), initial=least))
    np.testing.assert_allclose(actual, expected, rtol=relative, atol=relative * scale, err_msg=what)
