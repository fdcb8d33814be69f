"""How each primitive is written in NumPy: its result, and what each argument receives of its upstream gradient."""

# fmt: off
from __future__ import annotations

from itertools import accumulate
from typing import Any

from autograd.replay.source import literals
from autograd.replay.source.operation import Operation, Template


def _simple(function: str, local: str) -> Template:
    return Template(f"np.{function}({{x}})", [local])


# ---- elementwise --------------------------------------------------------------------------------------------------


def _power_by_base(o: Operation) -> str:
    try:
        exponent = float(o.args[1].strip("()"))
    except ValueError:
        return f"{o.gradient} * {o.args[1]} * {o.args[0]} ** ({o.args[1]} - 1)"
    if exponent == 2.0:
        return f"{o.gradient} * 2 * {o.args[0]}"
    return f"{o.gradient} * {o.args[1]} * {o.args[0]} ** {literals.number(exponent - 1.0)}"


def _at_kink(kink: str, option: str, usual: str, default: float) -> Any:
    """The contribution under a kink rule: the chosen number where the argument lies on the kink."""

    def contribution(o: Operation) -> str:
        choice = o.param(option, default)
        text = usual.format(x=o.args[0], g=o.gradient)
        if choice == "raise" or choice == default:
            return text
        where = kink if kink != "bounds" else _bounds(o)
        return f"np.where({where.format(x=o.args[0])}, {literals.number(float(choice))} * {o.gradient}, {text})"

    return contribution


def _share(argument: int, greater: str) -> Any:
    """The share of one of two operands of a maximum or minimum."""

    def contribution(o: Operation) -> str:
        own, other = o.args if argument == 0 else reversed(o.args)
        ties = o.param("ties", "split")
        if ties == "all" or (ties == "first" and argument == 0):
            return f"{o.gradient} * ({own} {greater}= {other})"
        if ties == "first":
            return f"{o.gradient} * ({own} {greater} {other})"
        return f"np.where({own} == {other}, 0.5 * {o.gradient}, {o.gradient} * ({own} {greater} {other}))"

    return contribution


def _bounds(o: Operation) -> str:
    bounds = [o.param(name) for name in ("lower", "upper") if o.param(name) is not None]
    return " | ".join(f"({{x}} == {literals.number(each)})" for each in bounds) or "False"


def _clip(o: Operation) -> str:
    lower, upper = o.param("lower"), o.param("upper")
    inside = [f"({o.args[0]} >= {literals.number(lower)})"] if lower is not None else []
    inside += [f"({o.args[0]} <= {literals.number(upper)})"] if upper is not None else []
    text = f"{o.gradient} * ({' & '.join(inside)})" if inside else o.gradient
    choice = o.param("clip", 1.0)
    if choice in ("raise", 1.0) or not inside:
        return text
    return f"np.where({_bounds(o).format(x=o.args[0])}, {literals.number(float(choice))} * {o.gradient}, {text})"


def _clipped(o: Operation) -> str:
    lower, upper = (literals.literal(o.param(name), o.name_of) for name in ("lower", "upper"))
    return f"np.clip({o.args[0]}, {lower}, {upper})"


ELEMENTWISE: dict[str, Template] = {
    "identity": Template("{x}", ["{g}"]),
    "add": Template("{x} + {y}", ["{g}", "{g}"]),
    "subtract": Template("{x} - {y}", ["{g}", "-{g}"]),
    "multiply": Template("{x} * {y}", ["{g} * {y}", "{g} * {x}"]),
    "divide": Template("{x} / {y}", ["{g} / {y}", "-{g} * {out} / {y}"]),
    "negative": Template("-{x}", ["-{g}"]),
    "power": Template("{x} ** {y}", [_power_by_base, "{g} * {out} * np.log({x})"]),
    "square": Template("{x} ** 2", ["{g} * 2 * {x}"]),
    "exp": _simple("exp", "{g} * {out}"),
    "expm1": _simple("expm1", "{g} * ({out} + 1)"),
    "log": _simple("log", "{g} / {x}"),
    "log1p": _simple("log1p", "{g} / (1 + {x})"),
    "sqrt": _simple("sqrt", "{g} * 0.5 / {out}"),
    "logaddexp": Template("np.logaddexp({x}, {y})", ["{g} * sigmoid({x} - {y})", "{g} * sigmoid({y} - {x})"]),
    "sin": _simple("sin", "{g} * np.cos({x})"),
    "cos": _simple("cos", "-{g} * np.sin({x})"),
    "tan": _simple("tan", "{g} * (1 + {out} ** 2)"),
    "arctan": _simple("arctan", "{g} / (1 + {x} ** 2)"),
    "sinh": _simple("sinh", "{g} * np.cosh({x})"),
    "cosh": _simple("cosh", "{g} * np.sinh({x})"),
    "tanh": _simple("tanh", "{g} * (1 - {out} ** 2)"),
    "sigmoid": Template("sigmoid({x})", ["{g} * {out} * (1 - {out})"]),
    "softplus": Template("np.logaddexp({x}, 0)", ["{g} * sigmoid({x})"]),
    "erf": Template("erf({x})", ["{g} * 2 / np.pi**0.5 * np.exp(-({x} ** 2))"]),
    "relu": Template("np.maximum({x}, 0)", [_at_kink("{x} == 0", "relu", "{g} * ({x} > 0)", 0.0)], "{x} == 0"),
    "absolute": Template("np.abs({x})", [_at_kink("{x} == 0", "abs", "{g} * np.sign({x})", 0.0)], "{x} == 0"),
    "clip": Template(_clipped, [_clip], "bounds"),
    "maximum": Template("np.maximum({x}, {y})", [_share(0, ">"), _share(1, ">")], "{x} == {y}"),
    "minimum": Template("np.minimum({x}, {y})", [_share(0, "<"), _share(1, "<")], "{x} == {y}"),
    "where": Template("np.where({condition}, {x}, {y})",
                      ["np.where({condition}, {g}, 0)", "np.where({condition}, 0, {g})"]),
    "floor": Template("np.floor({x})", [None]),
    "ceil": Template("np.ceil({x})", [None]),
    "trunc": Template("np.trunc({x})", [None]),
    "round": Template(lambda o: f"np.round({o.args[0]}, {o.param('decimals', 0)})", [None]),
    "sign": Template("np.sign({x})", [None]),
}

# ---- reductions ---------------------------------------------------------------------------------------------------


def _reduction(name: str) -> Any:
    return lambda o: f"{o.args[0]}.{name}({o.reduced()})"


def _chosen(sign: str) -> Any:
    """What the elements of a maximum receive; of a minimum those of the maximum of -x."""

    def contribution(o: Operation) -> str:
        x, ties, axis = o.args[0], o.param("ties", "first"), o.param("axis")
        d, m = o.put_back(o.gradient), o.put_back(o.out)
        if ties == "all":
            return f"np.where({x} == {m}, {d}, 0)"
        if ties == "split":
            return f"np.where({x} == {m}, {d}, 0) / ({x} == {m}).sum(axis={axis}, keepdims=True, dtype={x}.dtype)"
        return f"np.where(first_maximum({sign}{x}{_axis(axis)}), {d}, 0)"

    return contribution


def _axis(axis: Any) -> str:
    return "" if axis is None else f", axis={axis}"


_TIED = "({x} == {x}.%s(axis={axis}, keepdims=True)).sum(axis={axis}) > 1"

REDUCTIONS: dict[str, Template] = {
    "sum": Template(_reduction("sum"), [lambda o: f"np.broadcast_to({o.put_back(o.gradient)}, {o.shapes[0]})"]),
    "max": Template(_reduction("max"), [_chosen("")], _TIED % "max"),
    "min": Template(_reduction("min"), [_chosen("-")], _TIED % "min"),
    "logsumexp": Template(
        lambda o: f"logsumexp({', '.join(filter(None, [o.args[0], o.reduced()]))})", ["{d} * np.exp({x} - {m})"],
    ),
}

# ---- structure ----------------------------------------------------------------------------------------------------


def _interior(o: Operation) -> str:
    widths = zip(o.param("pad_width"), o.shapes[0], strict=True)
    return literals.index(
        tuple(slice(before, before + n) if before or after else slice(None) for (before, after), n in widths), o.name_of
    )


def _padded(o: Operation) -> str:
    value = o.param("constant_value", 0.0)
    constant = f", constant_values={literals.number(value)}" if value else ""
    return f"np.pad({o.args[0]}, {o.param('pad_width')}{constant})"


def _piece(o: Operation, argument: int) -> str:
    axis = o.param("axis")
    lengths = [shape[axis] for shape in o.shapes]
    end = list(accumulate(lengths))[argument]
    index = (*(slice(None),) * axis, slice(end - lengths[argument], end))
    return f"{o.gradient}[{literals.index(index, o.name_of)}]"


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axes.index(axis) for axis in range(len(axes)))


def _swapped(text: str, shape: tuple[int, ...]) -> str:
    return f"{text}.T" if len(shape) == 2 else f"transposed({text})"


def _product_by_first(o: Operation) -> str:
    return f"{o.gradient} @ {_swapped(o.args[1], o.shapes[1])}"


def _product_by_second(o: Operation) -> str:
    return f"{_swapped(o.args[0], o.shapes[0])} @ {o.gradient}"


def _contracted(o: Operation, argument: int) -> str:
    inputs, out = o.param("subscripts").split("->")
    labels = inputs.split(",")
    other = 1 - argument
    return f'np.einsum("{out},{labels[other]}->{labels[argument]}", {o.gradient}, {o.args[other]})'


def _cumulated_back(o: Operation) -> str:
    axis = o.param("axis")
    return f"np.flip(np.cumsum(np.flip({o.gradient}, {axis}), axis={axis}), {axis})"


def _reshaped(o: Operation) -> str:
    return f"{o.gradient}.reshape({o.shapes[0]})"


STRUCTURE: dict[str, Template] = {
    "reshape": Template("{x}.reshape({shape})", [_reshaped]),
    "transpose": Template(
        "{x}.transpose({axes})", [lambda o: f"{o.gradient}.transpose({_inverse(o.param('axes'))})"],
    ),
    "cast": Template("{x}.astype({dtype})", ["{g}.astype({x}.dtype)"]),
    "broadcast_to": Template(
        "np.broadcast_to({x}, {shape})", [lambda o: f"sum_to({o.gradient}, {o.shapes[0]})"],
    ),
    "getitem": Template("{x}[{index}]", [lambda o: f"scatter({o.gradient}, {o.index_object()}, {o.shapes[0]})"]),
    "scatter": Template(lambda o: f"scatter({o.args[0]}, {o.index_object()}, {o.shape})", ["{g}[{index}]"]),
    "pad": Template(_padded, [lambda o: f"{o.gradient}[{_interior(o)}]"]),
    "concatenate": Template(lambda o: f"np.concatenate([{', '.join(o.args)}], axis={o.param('axis')})", _piece),
    "windows": Template(
        "windows({x}, {kernel}, {stride}, {dilation})",
        [lambda o: f"overlap_add({o.gradient}, {o.shapes[0]}, "
                   f"{o.param('kernel')}, {o.param('stride')}, {o.param('dilation')})"],
    ),
    "overlap_add": Template(
        "overlap_add({x}, {shape}, {kernel}, {stride}, {dilation})",
        [lambda o: f"windows({o.gradient}, {o.param('kernel')}, {o.param('stride')}, {o.param('dilation')})"],
    ),
    "cumsum": Template("np.cumsum({x}, axis={axis})", [_cumulated_back]),
    "matmul": Template("{x} @ {y}", [_product_by_first, _product_by_second]),
    "contract": Template(lambda o: f'np.einsum("{o.param("subscripts")}", {o.args[0]}, {o.args[1]})', _contracted),
}


# ---- matrices -----------------------------------------------------------------------------------------------------


def _solved_by_matrix(o: Operation) -> str:
    return f"-np.linalg.solve({_swapped(o.args[0], o.shapes[0])}, {o.gradient}) @ {_swapped(o.out, o.shape)}"


def _inverted(o: Operation) -> str:
    return f"-{_swapped(o.out, o.shape)} @ {o.gradient} @ {_swapped(o.out, o.shape)}"


def _by_matrix(factor: str) -> Any:
    def contribution(o: Operation) -> str:
        each = factor.format(g=o.gradient, out=o.out)
        each = f"{each}[..., None, None]" if o.shape else each
        return f"{each} * {_swapped(f'np.linalg.inv({o.args[0]})', o.shapes[0])}"

    return contribution


MATRICES: dict[str, Template] = {
    "inv": Template("np.linalg.inv({x})", [_inverted]),
    "solve": Template(
        "np.linalg.solve({x}, {y})",
        [_solved_by_matrix, lambda o: f"np.linalg.solve({_swapped(o.args[0], o.shapes[0])}, {o.gradient})"],
    ),
    "det": Template("np.linalg.det({x})", [_by_matrix("({g} * {out})")]),
    "logabsdet": Template("np.linalg.slogdet({x})[1]", [_by_matrix("{g}")]),
    "cholesky": Template("np.linalg.cholesky({x})", ["d_cholesky({g}, {out})"]),
}

TEMPLATES: dict[str, Template] = {**ELEMENTWISE, **REDUCTIONS, **STRUCTURE, **MATRICES}
