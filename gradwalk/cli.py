"""The command line: ``gradwalk demo``, ``draw``, ``play``, ``check``, ``doctor``.

Exit status: 0 done; 1 it could not be done, the demo's network reads too few digits, or a derivative is wrong; 2 the
command line is wrong; 3 a check could decide nothing; 130 interrupted.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gradwalk import version_text
from gradwalk.commands.checking import add_check
from gradwalk.commands.doctor import add_doctor
from gradwalk.commands.drawing import add_draw, add_play
from gradwalk.commands.target import CommandError

__all__ = ["main"]

DEFAULT_FOLDER = "gradwalk-demo"
INTERRUPTED = 130  # 128 + SIGINT, as a shell has it

_REMEDIES = {"demo": "pip install 'gradwalk[demo]'"}
_DOCTOR = "`gradwalk doctor` says what is missing"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit status.

    Args:
        arguments: what follows the program's name; by default, the process's own.

    Raises:
        SystemExit: from --help and --version, with status 0; from a wrong command line, with status 2.
    """
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a character shows "?", and the demo goes on
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    try:
        status = int(options.run(options))
        sys.stdout.flush()  # here, where a reader who has left is still caught
        return status
    except KeyboardInterrupt:
        return _failed("interrupted", INTERRUPTED)
    except BrokenPipeError:  # whoever read the output has left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except CommandError as error:
        return _failed(str(error))
    except ModuleNotFoundError as error:
        return _failed(f"{error}, which the {options.command} needs: {_REMEDIES.get(options.command, _DOCTOR)}")
    except (ImportError, OSError) as error:
        return _failed(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradwalk",
        description="Walk the chain rule, node by node, from a scalar expression to a convolutional network.",
        epilog="The libraries themselves are imported: `from autograd import Value, Tensor`, `import nn`, "
        "`from viz import draw`.",
    )
    parser.add_argument("--version", action="version", version=f"gradwalk {version_text()}")
    commands = parser.add_subparsers(dest="command", title="commands", metavar="")
    demo = commands.add_parser(
        "demo",
        help="differentiate, draw and train the examples, and write one page about it",
        description="Differentiates a network that was worked by hand and compares every gradient, draws its graph, "
        "trains a small convolutional network on handwritten digits, and writes all of it to one HTML page.",
    )
    demo.add_argument("--out", type=Path, default=Path(DEFAULT_FOLDER), metavar="DIR",
                      help=f"folder for the page and the graph (default: {DEFAULT_FOLDER})")  # fmt: skip
    demo.add_argument("--seed", type=_whole_number(0), default=0, metavar="N",
                      help="of the split, the initial weights and the batches (default: 0)")  # fmt: skip
    demo.add_argument("--epochs", type=_whole_number(1), default=None, metavar="N",
                      help="passes over the training images (default: enough for the required accuracy)")  # fmt: skip
    demo.add_argument("--quiet", action="store_true", help="print only the accuracy and the page's path")
    demo.set_defaults(run=_demo)
    for add in (add_draw, add_play, add_check, add_doctor):
        add(commands)
    return parser


class _whole_number:  # noqa: N801 - argparse shows it to the user as the name of a type
    """Reads an integer that is not below a smallest one."""

    def __init__(self, smallest: int) -> None:
        self.smallest = smallest

    def __call__(self, text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
        if number < self.smallest:
            raise argparse.ArgumentTypeError(f"{number} is below {self.smallest}, the smallest that makes sense")
        return number


def _demo(options: argparse.Namespace) -> int:
    from gradwalk.demo import EPOCHS, REQUIRED_ACCURACY, run_demo  # after the options: --help needs no NumPy
    from gradwalk.page.wording import SPACE, counted, percent

    findings = run_demo(options.out, options.seed, options.epochs or EPOCHS, quiet=options.quiet)
    digits = findings.digits
    accuracy = percent(digits.accuracy).replace(SPACE, " ")
    print(f"accuracy: {accuracy}, {digits.correct} of {digits.split.test} held-out digits")
    print(f"page:     {options.out.resolve() / 'index.html'}")
    if findings.accurate:
        return 0
    more = max(EPOCHS, 2 * len(digits.history))
    return _failed(
        f"the network reads {accuracy} of the held-out digits, less than the {100 * REQUIRED_ACCURACY:g} % that it has "
        f"to; {counted(len(digits.history), 'epoch')} of training did not suffice, try --epochs {more}"
    )


def _failed(message: str, status: int = 1) -> int:
    print(f"gradwalk: {message}", file=sys.stderr)
    return status
