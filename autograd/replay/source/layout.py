"""Lines of code, none of them much too long."""

from __future__ import annotations

_WIDTH = 110


def laid_out(lines: list[str]) -> str:
    """The lines as text; a long list of names or sum is broken where it may be."""
    return "\n".join(piece for line in lines for piece in _broken(line)) + "\n"


def _broken(line: str) -> list[str]:
    if len(line) <= _WIDTH or line.lstrip().startswith("#"):
        return [line if len(line) <= _WIDTH else line[: _WIDTH - 3] + "..."]
    indent = line[: len(line) - len(line.lstrip())]
    start, opening, rest, closing = _parts(line)
    if not opening:
        return [line]
    separator = " + " if opening == "(sum" else ", "
    pieces = rest.split(separator)
    out, current = [start + "("[: opening != "given"]], indent + "    "
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        part = piece if last else piece + ("," if separator == ", " else " +")
        if len(current) + len(part) > _WIDTH and current.strip():
            out.append(current.rstrip())
            current = indent + "    "
        current += part + ("" if last else " ")
    return [*out, current.rstrip(), indent + closing]


def _parts(line: str) -> tuple[str, str, str, str]:
    """What stands before what may be broken, how it opens, what it is, what closes it; no opening where nothing may."""
    text = line.rstrip()
    if text.lstrip().startswith("def ") or (text.endswith("]}") is False and text.endswith("):")):
        head, _, rest = text.partition("(")
        return head + "(", "given", rest[: rest.rindex(")")], "):"
    if text.endswith("= saved") or text.lstrip().startswith("saved = "):
        left, _, right = text.partition(" = ")
        if right == "saved":
            indent = left[: len(left) - len(left.lstrip())]
            return indent + "(", "given", left.strip(), ") = saved"
        return left + " = (", "given", right, ")"
    if text.lstrip().startswith("return {"):
        head, _, rest = text.partition("{")
        return head + "{", "given", rest[: rest.rindex("}")], "}"
    left, equals, right = text.partition(" = ")
    if equals and " + " in right and not set("[{#") & set(right):
        return left + " = ", "(sum", right, ")"
    if equals and "," in left and not set("([{") & set(left):
        indent = left[: len(left) - len(left.lstrip())]
        return indent + "(", "given", left.strip(), f") = {right}"
    return "", "", "", ""
