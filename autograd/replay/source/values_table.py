"""How each primitive is written for single numbers, in Python and its `math`."""

# fmt: off
from __future__ import annotations

from typing import Any

from autograd.replay.source import literals
from autograd.replay.source.operation import Operation, Template


def _math(function: str, local: str) -> Template:
    return Template(f"math.{function}({{x}})", [local])


def _power_by_base(o: Operation) -> str:
    x, y = o.args
    try:
        lower = literals.number(float(y.strip("()")) - 1.0, "math")
    except ValueError:
        lower = f"({y} - 1)"
    return f"{o.gradient} * 2 * {x}" if lower == "1.0" else f"{o.gradient} * {y} * {x} ** {lower}"


def _at_zero(option: str, usual: str) -> Any:
    def contribution(o: Operation) -> str:
        choice, text = o.param(option, 0.0), usual.format(x=o.args[0], g=o.gradient)
        if choice == "raise" or not choice:
            return text
        return f"{text} + {o.gradient} * {literals.number(float(choice))} * ({o.args[0]} == 0)"

    return contribution


def _share(argument: int, greater: str) -> Any:
    def contribution(o: Operation) -> str:
        own, other = o.args if argument == 0 else reversed(o.args)
        ties = o.param("ties", "split")
        if ties == "all" or (ties == "first" and argument == 0):
            return f"{o.gradient} * ({own} {greater}= {other})"
        if ties == "first":
            return f"{o.gradient} * ({own} {greater} {other})"
        return f"{o.gradient} * (({own} {greater} {other}) + 0.5 * ({own} == {other}))"

    return contribution


def _clipped(o: Operation) -> str:
    text = o.args[0]
    if o.param("lower") is not None:
        text = f"max({text}, {literals.number(o.param('lower'), 'math')})"
    return text if o.param("upper") is None else f"min({text}, {literals.number(o.param('upper'), 'math')})"


def _clip(o: Operation) -> str:
    x, lower, upper = o.args[0], o.param("lower"), o.param("upper")
    left = "" if lower is None else f"{literals.number(lower, 'math')} <= "
    right = "" if upper is None else f" <= {literals.number(upper, 'math')}"
    text = f"{o.gradient} * ({left}{x}{right})" if left or right else o.gradient
    choice = o.param("clip", 1.0)
    if choice in ("raise", 1.0) or not (left or right):
        return text
    bounds = ", ".join(literals.number(each, "math") for each in (lower, upper) if each is not None)
    return f"{text} * ({literals.number(float(choice))} if {x} in ({bounds},) else 1.0)"


def _chosen(o: Operation, argument: int) -> str:
    """What one of the numbers of a maximum or minimum receives."""
    numbers, ties = f"({', '.join(o.args)},)", o.param("ties", "first")
    if ties == "all":
        return f"{o.gradient} * ({o.args[argument]} == {o.out})"
    if ties == "split":
        return f"{o.gradient} * ({o.args[argument]} == {o.out}) / {numbers}.count({o.out})"
    return f"{o.gradient} * ({numbers}.index({o.out}) == {argument})"


def _listed(function: str) -> Any:
    return lambda o: f"{function}({', '.join(o.args)})" if len(o.args) > 1 else o.args[0]


def _tied(function: str) -> str:
    return f"({{all}}).count({function}({{all}})) > 1"


_STEP = [None]

TEMPLATES: dict[str, Template] = {
    "identity": Template("{x}", ["{g}"]),
    "add": Template("{x} + {y}", ["{g}", "{g}"]),
    "subtract": Template("{x} - {y}", ["{g}", "-{g}"]),
    "multiply": Template("{x} * {y}", ["{g} * {y}", "{g} * {x}"]),
    "divide": Template("{x} / {y}", ["{g} / {y}", "-{g} * {out} / {y}"]),
    "negative": Template("-{x}", ["-{g}"]),
    "power": Template("{x} ** {y}", [_power_by_base, "{g} * {out} * math.log({x})"]),
    "square": Template("{x} ** 2", ["{g} * 2 * {x}"]),
    "exp": _math("exp", "{g} * {out}"),
    "expm1": _math("expm1", "{g} * ({out} + 1)"),
    "log": _math("log", "{g} / {x}"),
    "log1p": _math("log1p", "{g} / (1 + {x})"),
    "sqrt": _math("sqrt", "{g} * 0.5 / {out}"),
    "logaddexp": Template("logsumexp({x}, {y})", ["{g} * sigmoid({x} - {y})", "{g} * sigmoid({y} - {x})"]),
    "sin": _math("sin", "{g} * math.cos({x})"),
    "cos": _math("cos", "-{g} * math.sin({x})"),
    "tan": _math("tan", "{g} * (1 + {out} ** 2)"),
    "arctan": _math("atan", "{g} / (1 + {x} ** 2)"),
    "sinh": _math("sinh", "{g} * math.cosh({x})"),
    "cosh": _math("cosh", "{g} * math.sinh({x})"),
    "tanh": _math("tanh", "{g} * (1 - {out} ** 2)"),
    "sigmoid": Template("sigmoid({x})", ["{g} * {out} * (1 - {out})"]),
    "softplus": Template("max({x}, 0.0) + math.log1p(math.exp(-abs({x})))", ["{g} * sigmoid({x})"]),
    "erf": _math("erf", "{g} * 2 / math.pi**0.5 * math.exp(-({x} ** 2))"),
    "relu": Template("max({x}, 0.0)", [_at_zero("relu", "{g} * ({x} > 0)")], "{x} == 0"),
    "absolute": Template("abs({x})", [_at_zero("abs", "{g} * (({x} > 0) - ({x} < 0))")], "{x} == 0"),
    "clip": Template(_clipped, [_clip], "bounds"),
    "maximum": Template("max({x}, {y})", [_share(0, ">"), _share(1, ">")], "{x} == {y}"),
    "minimum": Template("min({x}, {y})", [_share(0, "<"), _share(1, "<")], "{x} == {y}"),
    "where": Template("{x} if {condition} else {y}",
                      ["{g} if {condition} else 0.0", "0.0 if {condition} else {g}"]),
    "floor": Template("float(math.floor({x}))", _STEP),
    "ceil": Template("float(math.ceil({x}))", _STEP),
    "trunc": Template("float(math.trunc({x}))", _STEP),
    "round": Template(lambda o: f"float(np.round({o.args[0]}, {o.param('decimals', 0)}))", _STEP),
    "sign": Template("float(({x} > 0) - ({x} < 0))", _STEP),
    "sum": Template(lambda o: " + ".join(o.args), lambda o, i: o.gradient),
    "max": Template(_listed("max"), _chosen, _tied("max")),
    "min": Template(_listed("min"), _chosen, _tied("min")),
    "logsumexp": Template(_listed("logsumexp"), lambda o, i: f"{o.gradient} * math.exp({o.args[i]} - {o.out})"),
}
