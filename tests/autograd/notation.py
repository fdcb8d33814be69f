"""Reads the engine's text and LaTeX back as numbers, to hold what is written against what is computed."""

from __future__ import annotations

import re
from typing import Any

import mpmath

_NAMES: dict[str, Any] = {
    **{
        name: getattr(mpmath, name)
        for name in ("e", "pi", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "erf")
    },
    "arctan": mpmath.atan,
    "sigma": lambda x: 1 / (1 + mpmath.exp(-x)),
    "sign": mpmath.sign,
    "max": max,
    "min": min,
    "relu": lambda x: max(x, mpmath.mpf(0)),
    "abs": abs,
    "floor": mpmath.floor,
    "ceil": mpmath.ceil,
    "trunc": lambda x: mpmath.sign(x) * mpmath.floor(abs(x)),
    "round": mpmath.nint,
}


def read_text(text: str, **numbers: Any) -> Any:
    """The value of a line of plain text, such as ``"y·x^(y − 1)"``."""
    for sign, python in (
        ("−", "-"),
        ("·", "*"),
        ("²", "**2"),
        ("³", "**3"),
        ("^", "**"),
        ("σ", "sigma"),
        ("≤", "<="),
        ("≥", ">="),
        ("[", "("),
        ("]", ")"),
        ("⌊", "floor("),
        ("⌈", "ceil("),
        ("⌋", ")"),
        ("⌉", ")"),
    ):
        text = text.replace(sign, python)
    text = _roots(text.replace("π", "pi"))
    text = re.sub(r"\|([^|]+)\|", r"abs(\1)", text)
    return _evaluate(text, numbers)


def _roots(text: str) -> str:
    """Each root with its operand in parentheses: a name, a call, or what stands in parentheses."""
    while "√" in text:
        place = text.rindex("√")
        end = place + 1
        while end < len(text) and (text[end].isalnum() or text[end] == "."):
            end += 1
        if end < len(text) and text[end] == "(":
            depth = 0
            while depth or text[end] == "(":
                depth += {"(": 1, ")": -1}.get(text[end], 0)
                end += 1
                if not depth:
                    break
        assert not text[end:].startswith("**"), f"a power of a root or the root of a power? {text}"
        text = f"{text[:place]}sqrt({text[place + 1 : end]}){text[end:]}"
    return text


def read_latex(latex: str, **numbers: Any) -> Any:
    """The value of a LaTeX formula of the commands that the engine writes."""
    latex = re.sub(r"\\left\|(.*?)\\right\|", r"abs(\1)", latex).replace(r"\left", "").replace(r"\right", "")
    latex = re.sub(r"\\operatorname\{(\w+)\}", r"\1", latex)
    while match := re.search(r"\\frac\{([^{}]*)\}\{([^{}]*)\}|\\sqrt\{([^{}]*)\}|\^\{([^{}]*)\}", latex):
        top, bottom, root, exponent = match.groups()
        if top is not None:
            new = f"(({top})/({bottom}))"
        else:
            new = f"sqrt({root})" if root is not None else f"**({exponent})"
        latex = latex[: match.start()] + new + latex[match.end() :]
    for command, python in ((r"\cdot", "*"), (r"\le", "<="), (r"\ge", ">="), (r"\ell", "lower"), (r"\neg", "not ")):
        latex = re.sub(re.escape(command) + r"(?![a-z])", python, latex)
    latex = latex.replace("[", "(").replace("]", ")")
    for command, python in ((r"\lfloor", "floor("), (r"\lceil", "ceil("), (r"\rfloor", ")"), (r"\rceil", ")")):
        latex = latex.replace(command, python)
    return _evaluate(re.sub(r"\\([a-z]+)", r"\1", latex), numbers)


def _evaluate(python: str, numbers: dict[str, Any]) -> Any:
    numbers = {name: mpmath.mpf(x) if isinstance(x, float) else x for name, x in numbers.items()}
    integers_exact = re.sub(r"(?<![\w.])(\d+\.?\d*(?:e[+-]?\d+)?)(?![\w.])", r"mpf('\1')", python)
    return eval(integers_exact, {"__builtins__": {}, "mpf": mpmath.mpf}, {**_NAMES, **numbers})
