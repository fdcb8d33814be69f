"""`gradwalk draw` and `gradwalk play`: the graph that a function makes, as a picture and as a film."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradwalk.commands.target import FORM, CommandError, call, load

if TYPE_CHECKING:
    from autograd.node import Node

_STYLES = ("box", "circuit")
_DIRECTIONS = ("LR", "RL", "TB", "BT")


def add_draw(commands: Any) -> None:
    """Declare `gradwalk draw`."""
    parser = commands.add_parser(
        "draw",
        help="draw the graph that a function returns",
        description="Calls a function without arguments that returns a Value or Tensor, and draws the graph that "
        "made it; nodes are called by the function's variables. Prints it as text, or writes it to a file.",
    )
    _add_common(parser)
    parser.add_argument("--out", "-o", type=Path, metavar="FILE",
                        help="write .svg, .png, .pdf, .html, .tex, .mmd, .json, .dot or .txt")  # fmt: skip
    parser.add_argument("--backward", action="store_true", help="run its backward pass first")
    parser.add_argument("--heat", action="store_true", help="draw arrays as colours too")
    parser.set_defaults(run=_draw)


def add_play(commands: Any) -> None:
    """Declare `gradwalk play`."""
    parser = commands.add_parser(
        "play",
        help="make a film of a function's forward and backward pass",
        description="Calls a function without arguments that returns a Value, or a Tensor of one element, and writes "
        "one page that plays its forward and backward pass, without a network.",
    )
    _add_common(parser)
    parser.add_argument("--out", "-o", type=Path, metavar="FILE",
                        help="the page to write (default: the function's name, with .html)")  # fmt: skip
    parser.set_defaults(run=_play)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help=FORM)
    parser.add_argument("--style", choices=_STYLES, default="box", help="boxes, or gates with numbers on their wires")
    parser.add_argument("--rankdir", choices=_DIRECTIONS, default="LR", help="from arguments to results (default: LR)")
    parser.add_argument("--max-nodes", type=int, default=150, metavar="N",
                        help="fold a larger graph into so many boxes; 0 shows all (default: 150)")  # fmt: skip


def _draw(options: argparse.Namespace) -> int:
    from viz import draw

    root, names = _root(options.target)
    if options.backward:
        call(options.target, root.backward)
    drawing = draw(root, names=names, style=options.style, rankdir=options.rankdir, heat=options.heat,
                   max_nodes=options.max_nodes or None)  # fmt: skip
    if options.out is None:
        print(drawing)
    else:
        _save(drawing, options.out)
    return 0


def _play(options: argparse.Namespace) -> int:
    from viz import play

    root, names = _root(options.target)
    out = options.out or Path(options.target.rpartition(":")[2].rpartition(".")[2] + ".html")
    if out.suffix.lower() not in (".html", ".htm"):
        raise CommandError(f"play writes a page: {out.name!r} does not end in .html")
    film, _ = call(options.target, lambda: play(root, names=names, style=options.style, rankdir=options.rankdir,
                                                max_nodes=options.max_nodes or None))  # fmt: skip
    _save(film, out)
    return 0


def _root(target: str) -> tuple[Node, dict[str, Any]]:
    """The node that a target is or returns, and the names of what lies around it."""
    from autograd.node import Node

    found = load(target)
    names: dict[str, Any] = {}
    if callable(found) and not isinstance(found, Node):
        found, names = call(target, found)
    if not isinstance(found, Node):
        raise CommandError(f"{target} gives {_kind(found)}; a Value or Tensor can be drawn")
    name = target.rpartition(":")[2].rpartition(".")[2]
    known = any(value is found for value in names.values())
    return found, names if known else {**names, name: found}


def _kind(value: Any) -> str:
    return "None" if value is None else f"one {type(value).__name__}"


def _save(picture: Any, out: Path) -> None:
    try:
        print(picture.save(out))
    except OSError as error:
        raise CommandError(f"cannot write to {out}: {error.strerror}; name another file with --out") from error
    except (ValueError, RuntimeError) as error:  # another ending; no layout engine
        raise CommandError(str(error)) from error
