"""What surrounds the recording of a node: whether one is recorded, in which scope, from which line, by which kink rule.

Each of these is a context manager. While none is open, in any thread, a new node skips the look-up altogether: it tests
the one module variable `special`.
"""

from __future__ import annotations

import itertools
import linecache
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

from autograd.errors import GraphError

P = ParamSpec("P")
R = TypeVar("R")

next_serial = itertools.count(1).__next__  # one clock for nodes, scopes and changes of data: what came first is smaller

decisions: deque[int] = deque(maxlen=1 << 16)  # when Python lately ordered two Values or took the truth of one
special = 0  # contexts open now, over all threads
_lock = threading.Lock()


class Scope:
    """One call of a composed function or module: the name under which a picture can fold what the call recorded.

    Two calls of one function are two scopes of the same name.

    Example:
        >>> from autograd import Value, scope
        >>> with scope("layer1"):
        ...     y = Value(2.0) * 3.0
        >>> y.scope
        'layer1'
    """

    __slots__ = ("geometry", "name", "notes", "parent", "serial")

    def __init__(self, name: str, parent: Scope | None = None) -> None:
        self.name = name
        self.parent = parent
        self.geometry: Any = None  # of a convolution or a pooling: where its windows lie
        self.serial = next_serial()
        self.notes = Notes(scope=self)  # shared by every node of the scope that has nothing else to note

    @property
    def chain(self) -> tuple[Scope, ...]:
        """The scopes from the outermost to this one."""
        chain: list[Scope] = []
        scope: Scope | None = self
        while scope is not None:
            chain.append(scope)
            scope = scope.parent
        return tuple(reversed(chain))

    @property
    def path(self) -> str:
        """The names of the chain, joined by slashes: ``"cnn/conv1/conv2d"``."""
        return "/".join(scope.name for scope in self.chain)

    def __repr__(self) -> str:
        return f"Scope({self.path!r})"


class Source(NamedTuple):
    """The user's line that made a node."""

    file: str
    line: int
    text: str

    @property
    def place(self) -> str:
        """Where it is: ``model.py:12``; of a notebook's cell, whose file is a passing one, ``In[3]:2``."""
        shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        cell = getattr(getattr(shell, "compile", None), "format_code_name", lambda name: None)(self.file)
        return f"{cell[1] if cell else self.file}:{self.line}"


class Detached(NamedTuple):
    """The node that a constant was detached from: its place in creation order, and its name or operation."""

    id: int
    what: str


class Notes:
    """What a node carries beside its mathematics; most nodes have none, so that they stay small."""

    __slots__ = (
        "changed", "detached", "fingerprint", "handmade", "hooks", "name", "params", "scope", "source", "viewed",
    )  # fmt: skip

    def __init__(self, name: str = "", scope: Scope | None = None, source: Source | None = None) -> None:
        self.name = name
        self.scope = scope
        self.source = source
        self.hooks: tuple[tuple[Callable[..., Any]], ...] = ()
        self.changed = 0  # when the data was last replaced, on the clock of `next_serial`
        self.fingerprint: int | None = (
            None  # of a leaf's array, from when it was handed out: it may be written in place
        )
        self.detached: Detached | None = None  # of a constant that `detach` made
        self.viewed: Any = None  # the leaf whose array this constant's array is a view of
        self.params: dict[str, Any] | None = None  # of a scalar operation, which hardly ever has any
        self.handmade: Callable[[], None] | None = None  # a closure set as `_backward`, as micrograd's users write

    def copy(self) -> Notes:
        notes = Notes(self.name, self.scope, self.source)
        notes.hooks, notes.handmade, notes.params = self.hooks, self.handmade, self.params
        notes.changed, notes.fingerprint, notes.viewed = self.changed, self.fingerprint, self.viewed
        notes.detached = self.detached
        return notes


class _Modes(threading.local):
    recording = True
    scope: Scope | None = None
    source = False
    kinks: dict[str, Any] | None = None
    guards: list[Any] | None = None  # of the function that is being recorded as a program; see `observed`
    watch: Any = None  # what looks at every number while anomalies are looked for; see `anomaly`
    backward_pass = 0  # of this thread: when the last one began, on the clock of `next_serial`


modes = _Modes()


def is_observing() -> bool:
    """Whether a function is being recorded as a program in this thread; see `observed`."""
    return modes.guards is not None


def refuse_while_observing(what: str) -> None:
    """Raise `GraphError` while a function is recorded that does what no program would repeat."""
    if modes.guards is not None:
        raise GraphError(
            f"record: the recorded function {what}, which a program would not do again. Do it outside: a program has "
            f"gradients of its own, by value_and_grad and backward"
        )


@contextmanager
def _set(attribute: str, value: Any) -> Iterator[None]:
    global special
    before = getattr(modes, attribute)
    setattr(modes, attribute, value)
    with _lock:
        special += 1
    try:
        yield
    finally:
        with _lock:
            special -= 1
        setattr(modes, attribute, before)


def no_grad() -> Any:
    """A context in which nothing is recorded: results are constants. Also a decorator.

    Example:
        >>> from autograd import Value, no_grad
        >>> w = Value(2.0)
        >>> with no_grad():
        ...     y = w * 3.0
        >>> y.requires_grad
        False
    """
    return _set("recording", False)


def enable_grad() -> Any:
    """A context in which operations are recorded again, inside `no_grad`."""
    return _set("recording", True)


def record_source() -> Any:
    """A context in which every node remembers the user's line that made it, as `node.source`.

    Example:
        >>> from autograd import Value, record_source
        >>> with record_source():
        ...     y = Value(2.0) * 3.0
        >>> y.source.text
        'y = Value(2.0) * 3.0'
    """
    return _set("source", True)


@contextmanager
def scope(name: str) -> Iterator[Scope]:
    """A context that names what is recorded inside it; scopes nest, and their names join to a path.

    Args:
        name: the scope's name, any text without a slash.

    Raises:
        ValueError: the name is empty or holds a slash, which separates scopes.
    """
    if not name or "/" in name:
        raise ValueError(f"scope: {name!r} is not a name; write a text without '/' (nest scopes to make a path)")
    inner = Scope(name, modes.scope)
    with _set("scope", inner):
        yield inner


def composed(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function that is built of primitives: what it records lies in a scope of the function's name.

    Example:
        >>> from autograd import Value, composed
        >>> @composed
        ... def distance(x, y):
        ...     return ((x - y) * (x - y)).sqrt()
        >>> distance(Value(1.0), Value(4.0)).scope
        'distance'
    """
    if not callable(function):
        raise TypeError(f"composed: marks a function, not {type(function).__name__}")
    name = function.__name__

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        global special
        before = modes.scope
        modes.scope = Scope(name, before)
        with _lock:
            special += 1
        try:
            return function(*args, **kwargs)
        finally:
            with _lock:
                special -= 1
            modes.scope = before

    return wrapper


def note_geometry(geometry: Any) -> None:
    """Keep with the innermost scope where the windows of a convolution or a pooling lie, for pictures of it."""
    if modes.scope is not None:
        modes.scope.geometry = geometry


_OWN_FOLDERS = tuple(
    os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), package, "")
    for package in ("autograd", "nn", "viz")
)


def user_source() -> Source | None:
    """The innermost line on the stack that lies outside this project's packages, NumPy and contextlib."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_OWN_FOLDERS) and f"{os.sep}numpy{os.sep}" not in file:
            return Source(file, frame.f_lineno, linecache.getline(file, frame.f_lineno, frame.f_globals).strip())
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return None


def current_notes() -> Notes | None:
    """The notes of a node that is made now; called only while `special` says that there may be some."""
    if modes.source:
        return Notes("", modes.scope, user_source())
    scope = modes.scope
    return None if scope is None else scope.notes
