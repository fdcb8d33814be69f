"""The derivation of one number by another: the chain rule as a sum over paths."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from autograd.element import index_text
from autograd.explain.condensed import Condensed, Factor, condense, factors_of
from autograd.explain.derivation import Derivation, Line
from autograd.explain.factors import FactorWriter
from autograd.explain.layers import layer_nodes
from autograd.explain.notation import Notation, name_symbol, number_symbol, partial_symbol, product_symbol
from autograd.node import Node
from autograd.numbers import number_text
from autograd.paths import Ledger, ledger
from autograd.paths.graph import Between, between
from autograd.paths.question import Question
from autograd.paths.routes import count, product_of, total
from autograd.paths.search import CLOSED, by_size, ranked
from autograd.paths.wording import count_text, elided, factor_latex, factor_text, more_text
from autograd.steps.names import Names, number_latex
from autograd.symbol import SUM, Symbol

__all__ = ["explain_scalars"]


class _Terms(NamedTuple):
    """The terms of the sum that are written, how many are not, and what those add up to."""

    written: list[list[Factor]]
    left_out: int
    rest: float

    @property
    def products(self) -> list[float]:
        return [product_of([factor.weight for factor in factors]) for factors in self.written]


def explain_scalars(question: Question, root: Node, by: Any, max_terms: int, given: Mapping[int, str]) -> Derivation:
    """The derivation that answers a question.

    Args:
        root: what was asked about: a tensor where the question is of its scalar twin.
        by: see `explain`.
        given: names by node id, in a graph that was of Values.
    """
    book = ledger(question, 0)
    if question.leaf is None:
        return _of_nothing(question, book)
    inside = between(question.root, question.leaf)
    layer = [] if by is None else layer_nodes(by, inside.nodes, root, question.twin)
    given = {**given, **_names_by_scope(by, layer, question)}
    notation = Notation(Names(question.root, given), given)
    condensed = condense(inside, _named(inside, question, layer, given), _places(layer, inside))
    terms = _chosen(condensed, max_terms)
    writer = FactorWriter(inside, notation)
    left = notation.partial(question.root, question.leaf)
    return Derivation(
        heading=_heading(left, book.count, count(condensed.arrows), [notation.name(node) for node in layer]),
        lines=_lines(left, terms, writer, book),
        where=writer.where(),
        count=book.count,
        products=tuple(terms.products),
        left_out=terms.left_out,
        rest=terms.rest,
        total=book.total,
        gradient=book.gradient,
        matches=book.matches,
    )


def _of_nothing(question: Question, book: Ledger) -> Derivation:
    left = partial_symbol(name_symbol(book.root), name_symbol(book.leaf))
    lines = (Line("=", number_symbol(0.0), left, _note(book)),)
    return Derivation(book.heading, lines, (), 0, (), 0, 0.0, 0.0, book.gradient, book.matches)


# ---- which nodes are named ----------------------------------------------------------------------------------------


def _places(nodes: Sequence[Any], inside: Between) -> set[int]:
    ids = {node.id for node in nodes}
    return {place for place, node in enumerate(inside.nodes) if node.id in ids}


def _named(inside: Between, question: Question, layer: Sequence[Any], given: Mapping[int, str]) -> set[int]:
    """The places of the nodes that the derivation names: those with names; where there are none, all.

    Of tensors only their elements: not the single products within an operation.
    """
    apart = {node.id for node in layer}
    inner = [node for node in inside.nodes[1:-1] if node.id not in apart]
    named = [node for node in inner if given.get(node.id) or node.name]
    if not named:
        named = [node for node in inner if question.twin is None or question.twin.origin(node) is not None]
    return _places(named, inside)


def _names_by_scope(by: Any, layer: Sequence[Any], question: Question) -> dict[int, str]:
    """Names for the results of a scope that have none: conv1[0,0,1,1]; none where several tensors would share one."""
    origins = {} if question.twin is None else {node.id: question.twin.origin(node) for node in layer if not node.name}
    tensors = {id(origin.node) for origin in origins.values() if origin is not None}
    if not isinstance(by, str) or len(tensors) != 1:
        return {}
    base = by.rpartition("/")[2]
    return {id: index_text(base, origin.index) for id, origin in origins.items() if origin is not None}


# ---- which terms are written --------------------------------------------------------------------------------------


def _chosen(condensed: Condensed, max_terms: int) -> _Terms:
    """All terms in the order of their nodes; where there are more than `max_terms`, the largest of them."""
    arrows = condensed.arrows
    number = count(arrows)
    best = list(islice(ranked(arrows), max_terms + 1))
    if number <= max_terms:
        routes = sorted(route.places for route in best)
    else:
        routes = [route.places for route in sorted(best[:max_terms], key=lambda route: by_size(arrows, route))]
    written = [factors_of(condensed, places) for places in routes]
    terms = _Terms(written, number - len(written), 0.0)
    if not terms.left_out or best[max_terms].rank == CLOSED:
        return terms
    return terms._replace(rest=total(arrows) - math.fsum(terms.products))


# ---- the lines ----------------------------------------------------------------------------------------------------


def _heading(left: Symbol, paths: int, terms: int, layer: Sequence[Symbol]) -> str:
    through = f" through {', '.join(elided([name.text for name in layer[::-1]], more_text))}" if layer else ""
    grouped = "" if terms == paths else f" in {count_text(terms, 'term')}"
    return f"{left.text}{through}: {count_text(paths, 'path')}{grouped}"


def _lines(left: Symbol, terms: _Terms, writer: FactorWriter, book: Ledger) -> tuple[Line, ...]:
    more = _more(terms)
    writers = (writer.chain, writer.formulas, _numbers)
    lines: list[Line] = []
    for write in writers:
        stage = _stage([*map(write, terms.written), *more])
        if [line.right.text for line in stage] != [line.right.text for line in lines[-len(stage) :]]:
            lines += stage
    if len(terms.written) + bool(terms.left_out) > 1:
        lines += [Line("=", _sum_of(terms))]
    if lines[-1].right.text != number_text(book.total):
        lines.append(Line("=", number_symbol(book.total)))
    lines[0] = lines[0]._replace(left=left)
    lines[-1] = lines[-1]._replace(note=_note(book))
    return tuple(lines)


def _stage(symbols: list[Symbol]) -> list[Line]:
    return [Line("+" if place else "=", symbol) for place, symbol in enumerate(symbols)]


def _more(terms: _Terms) -> list[Symbol]:
    """What stands for the terms that are not written."""
    if not terms.left_out:
        return []
    words = f"{count_text(terms.left_out, 'more term')}, together "
    return [Symbol(f"… {words}{number_text(terms.rest)}", rf"\ldots \text{{ {words}}} {number_latex(terms.rest)}")]


def _numbers(factors: Sequence[Factor]) -> Symbol:
    if len(factors) == 1:
        return number_symbol(factors[0].weight)
    return product_symbol([Symbol(factor_text(factor.weight), factor_latex(factor.weight)) for factor in factors])


def _sum_of(terms: _Terms) -> Symbol:
    """The products, each with its sign; and what those that are not written add up to."""
    first, *others = [*terms.products, *([terms.rest] if terms.left_out else [])]
    sum_ = number_symbol(first)
    text, latex = sum_.text, sum_.latex
    for number in others:
        sign = "−" if number < 0 else "+"
        text += f" {sign} {number_text(abs(number))}"
        latex += f" {'-' if number < 0 else '+'} {number_latex(abs(number))}"
    return Symbol(text, latex, SUM)


def _note(book: Ledger) -> str:
    """What is stored as the leaf's gradient, in words; nothing where nothing is."""
    if book.matches is None:
        return ""
    return f" = {book.leaf}.grad" if book.matches else f", {book.verdict.partition(', ')[2]}"
