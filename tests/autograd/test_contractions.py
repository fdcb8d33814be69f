"""The matrix product and einsum against PyTorch: vectors, stacks that broadcast, diagonals, ellipses, many operands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor
from tests.autograd.support import Operand, broadcastable, examples, leaf, seeds, several, upstream
from tests.autograd.torch_oracle import agree, torch


@st.composite
def factors(draw: Callable[..., Any]) -> list[tuple[int, ...]]:
    """Two shapes whose matrix product exists: vectors, matrices, and stacks that broadcast; empty axes too."""
    rows, inner, columns = (draw(st.integers(0, 3)) for _ in range(3))
    left, right = draw(broadcastable())
    x = draw(st.sampled_from([(inner,), (rows, inner), (*left, rows, inner)]))
    y = draw(st.sampled_from([(inner,), (inner, columns), (*right, inner, columns)]))
    return [x, y]


@examples(600)
@given(pair=several(factors()), seed=seeds)
def test_matmul(pair: list[Operand], seed: int) -> None:
    agree(lambda x, y: x @ y if seed % 2 else ag.matmul(x, y), torch.matmul, pair, seed)


@examples()
@given(pair=several(factors()), left=st.booleans(), seed=seeds)
def test_matmul_with_an_array_on_either_side(pair: list[Operand], left: bool, seed: int) -> None:
    operand, constant = pair[::-1] if left else pair
    array = constant.array
    reference = torch.from_numpy(np.array(array))
    agree(
        lambda x: array @ x if left else x @ array,
        lambda x: reference @ x if left else x @ reference,
        [operand],
        seed,
    )


SUBSCRIPTS = [
    "i->",
    "i->i",
    "ij->ji",
    "ij->j",
    "ij->",
    "ijk->kij",
    "ii->i",
    "ii->",
    "iij->j",
    "iji->j",
    "iii->i",
    "ijij->ij",
    "i,i->",
    "i,j->ij",
    "i,j->ji",
    "ij,jk->ik",
    "ij,jk->ki",
    "ij,kj->ik",
    "ij,ij->",
    "ij,ji->",
    "bij,bjk->bik",
    "ij,j->",
    "i,j->",
    "i,j->j",
    "ij,k->jk",
    "ii,i->i",
    "ii,jj->ij",
    "ij,jk,kl->il",
    "ij,jk,ki->",
    "i,i,i->i",
    "i,ij,j->",
    "a,b,c->abc",
    "i,,i->",
    ",ij->ij",
    "ij,jk,kl,l->i",
    "...->...",
    "...i->i...",
    "...i,i->...",
    "...ij,...jk->...ik",
    "...,...->...",
    "i...,i->...",
    "...ii->...i",
    "...i,...i->...",
    "b...i,ij->b...j",
    "ij,jk",
    "ji",
    "ba",
    "ii",
    "i,i",
    "...i,i",
    "i...j",
]


@st.composite
def einsum_cases(draw: Callable[..., Any], subscripts: str) -> list[tuple[int, ...]]:
    """Shapes that fit the subscripts; the ellipses of several operands broadcast."""
    inputs = subscripts.split("->")[0].split(",")
    lengths = {label: draw(st.integers(0, 3)) for label in sorted(set(subscripts) - set(",->. "))}
    hidden = draw(broadcastable(len(inputs)))
    out = []
    for labels, ellipsis in zip(inputs, hidden, strict=True):
        before, dots, after = labels.partition("...")
        middle = ellipsis if dots else ()
        out.append((*(lengths[label] for label in before), *middle, *(lengths[label] for label in after)))
    return out


@pytest.mark.parametrize("subscripts", SUBSCRIPTS)
@examples(12)
@given(data=st.data(), seed=seeds)
def test_einsum(subscripts: str, data: st.DataObject, seed: int) -> None:
    drawn = data.draw(several(einsum_cases(subscripts)))
    agree(lambda *xs: ag.einsum(subscripts, *xs), lambda *xs: torch.einsum(subscripts, *xs), drawn, seed)


def test_einsum_ignores_spaces_and_takes_constants() -> None:
    x, array = leaf([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 100.0])
    out = ag.einsum(" i j , j -> i ", x, array)
    assert out.data.tolist() == [210.0, 430.0]
    out.backward(np.array([1.0, -1.0]))
    assert x.grad.tolist() == [[10.0, 100.0], [-10.0, -100.0]]
    assert isinstance(ag.einsum("ij,jk->ik", array[None], array[:, None]), np.ndarray)


def test_einsum_of_one_operand_several_times() -> None:
    """d/dx of Σᵢⱼ x_i A_ij x_j is (A + Aᵀ) x."""
    matrix = np.random.default_rng(5).normal(size=(3, 3))
    x = leaf([1.0, -2.0, 0.5])
    ag.einsum("i,ij,j->", x, matrix, x).backward(2.0)
    np.testing.assert_allclose(x.grad, 2.0 * (matrix + matrix.T) @ [1.0, -2.0, 0.5], rtol=1e-14)


@pytest.mark.parametrize(
    "x_shape, y_shape", [((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((2, 3, 4), (4, 5)), ((2, 1, 3, 4), (5, 4, 2))]
)
def test_adjoint(x_shape: tuple[int, ...], y_shape: tuple[int, ...]) -> None:
    """<u, x @ y> == <∂/∂x, x> == <∂/∂y, y>: the transposes of a product that is linear in each operand."""
    rng = np.random.default_rng(7)
    x, y = leaf(rng.normal(size=x_shape)), leaf(rng.normal(size=y_shape))
    out: Tensor = x @ y
    u = upstream(3, out.shape, float)
    out.backward(u)
    whole = np.sum(u * out.data)
    np.testing.assert_allclose([np.sum(x.grad * x.data), np.sum(y.grad * y.data)], [whole, whole], rtol=1e-12)
