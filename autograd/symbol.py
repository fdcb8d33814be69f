"""Symbols: arguments without numbers. Evaluated on them, a derivative rule writes itself down, as text and as LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# How tightly an expression holds together: an operand that holds less tightly than its operator is put in parentheses.
COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(6)


class Symbol:
    """A mathematical expression of named arguments.

    Attributes:
        text: the expression in one line of plain text.
        latex: the same in LaTeX.

    Example:
        >>> x, y = Symbol("x"), Symbol("y")
        >>> (y * x ** (y - 1)).text
        'y·x^(y − 1)'
        >>> (-x / y**2).latex
        '\\\\frac{-x}{y^{2}}'
    """

    __slots__ = ("latex", "level", "number", "text")

    __array_ufunc__ = None  # NumPy leaves the operators to this class

    def __init__(self, text: str, latex: str = "", level: int = ATOM) -> None:
        self.text = text
        self.latex = latex or text
        self.level = level
        self.number: float | None = None  # of a symbol that stands for a number: sums and powers of such are worked out

    def __repr__(self) -> str:
        return self.text

    @classmethod
    def _record(cls, rule: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Symbol:
        """Apply a primitive to symbols: its own notation."""
        return rule.expression(*map(as_symbol, args))  # type: ignore[no-any-return]

    def at_level(self, level: int) -> tuple[str, str]:
        """Text and LaTeX, in parentheses where the expression holds less tightly than `level`."""
        if self.level >= level:
            return self.text, self.latex
        return f"({self.text})", rf"\left({self.latex}\right)"

    def __neg__(self) -> Symbol:
        text, latex = self.at_level(POWER)
        return Symbol(f"−{text}", f"-{latex}", SIGN)

    def __add__(self, other: Any) -> Symbol:
        return _infix(self, other, " + ", " + ", SUM)

    def __radd__(self, other: Any) -> Symbol:
        return _infix(other, self, " + ", " + ", SUM)

    def __sub__(self, other: Any) -> Symbol:
        difference = as_symbol(other)
        if self.number is not None and difference.number is not None:
            return as_symbol(self.number - difference.number)
        return _infix(self, other, " − ", " - ", SUM, right=PRODUCT)

    def __rsub__(self, other: Any) -> Symbol:
        return _infix(other, self, " − ", " - ", SUM, right=PRODUCT)

    def __mul__(self, other: Any) -> Symbol:
        return _infix(self, other, "·", r" \cdot ", PRODUCT)

    def __rmul__(self, other: Any) -> Symbol:
        return _infix(other, self, "·", r" \cdot ", PRODUCT)

    def __truediv__(self, other: Any) -> Symbol:
        return _fraction(self, other)

    def __rtruediv__(self, other: Any) -> Symbol:
        return _fraction(other, self)

    def __pow__(self, other: Any) -> Symbol:
        return _power(self, other)

    def __rpow__(self, other: Any) -> Symbol:
        return _power(other, self)

    def __gt__(self, other: Any) -> Symbol:
        return _comparison(self, other, ">", ">")

    def __ge__(self, other: Any) -> Symbol:
        return _comparison(self, other, "≥", r"\ge")

    def __lt__(self, other: Any) -> Symbol:
        return _comparison(self, other, "<", "<")

    def __le__(self, other: Any) -> Symbol:
        return _comparison(self, other, "≤", r"\le")


def as_symbol(value: Any) -> Symbol:
    """A symbol as it is; a number as its shortest decimal form."""
    if isinstance(value, Symbol):
        return value
    digits, _, exponent = f"{value:g}".partition("e")
    level = SIGN if value < 0 else ATOM
    symbol = Symbol(digits.replace("-", "−"), digits, level)
    if exponent:
        power_of_ten = str(int(exponent))
        text = f"{symbol.text}·10^{power_of_ten.replace('-', '−')}"
        symbol = Symbol(text, rf"{digits} \cdot 10^{{{power_of_ten}}}", PRODUCT)
    symbol.number = float(value)
    return symbol


_NUMBERS_BEGIN = frozenset("0123456789.−-")  # a variable may be called nan


def named(name: str) -> Symbol:
    """A symbol of this name; a number where the name is one, as a constant's is."""
    if name[:1] in _NUMBERS_BEGIN:
        try:
            return as_symbol(float(name.replace("−", "-")))
        except ValueError:
            pass
    return Symbol(name)


def function(name: str, latex: str) -> Callable[..., Symbol]:
    """The notation of a function: its name before its arguments in parentheses."""

    def apply(*args: Symbol) -> Symbol:
        inside = ", ".join(arg.text for arg in args)
        inside_latex = ", ".join(arg.latex for arg in args)
        return Symbol(f"{name}({inside})", rf"{latex}\left({inside_latex}\right)")

    return apply


def suffixed(x: Symbol, text: str, latex: str, level: int = POWER) -> Symbol:
    """What stands behind a symbol, as a transpose's sign; in parentheses where the symbol is an expression.

    Example:
        >>> suffixed(Symbol("x") + Symbol("y"), "ᵀ", r"^{\\top}").text
        '(x + y)ᵀ'
    """
    own_text, own_latex = x.at_level(ATOM)
    return Symbol(own_text + text, own_latex + latex, level)


def _infix(left: Any, right_operand: Any, text: str, latex: str, level: int, right: int | None = None) -> Symbol:
    a = as_symbol(left).at_level(level)
    second = as_symbol(right_operand)
    tightness = level if right is None else right
    b = second.at_level(POWER if second.text.startswith("−") else tightness)  # no two signs side by side
    return Symbol(a[0] + text + b[0], a[1] + latex + b[1], level)


def _fraction(numerator: Any, denominator: Any) -> Symbol:
    a, b = as_symbol(numerator), as_symbol(denominator)
    return Symbol(f"{a.at_level(PRODUCT)[0]}/{b.at_level(POWER)[0]}", rf"\frac{{{a.latex}}}{{{b.latex}}}", PRODUCT)


def _power(base: Any, exponent: Any) -> Symbol:
    a, b = as_symbol(base), as_symbol(exponent)
    if b.number == 1.0:
        return a
    superscript = {"2": "²", "3": "³"}.get(b.text) or f"^{b.at_level(ATOM)[0]}"
    text, latex = a.at_level(ATOM)
    return Symbol(text + superscript, f"{latex}^{{{b.latex}}}", POWER)


def _comparison(left: Any, right: Any, text: str, latex: str) -> Symbol:
    """An Iverson bracket: 1 where the comparison holds, else 0."""
    a, b = as_symbol(left), as_symbol(right)
    return Symbol(f"[{a.text} {text} {b.text}]", rf"[{a.latex} {latex} {b.latex}]")
