"""Checkpoints: everything that a training needs to go on as if it had never stopped, in one file."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from autograd.progress import with_progress
from nn.module import Module
from nn.saving.files import FileFormatError, Path
from nn.saving.tensors import MAX_BYTES, read_tensors, write_tensors
from nn.training.module_state import DefaultGenerator, ModuleState
from nn.training.records import packed, unpacked

FORMAT = "gradwalk checkpoint"
VERSION = "1"
GENERATOR = "default generator"  # no keyword can be called so


@runtime_checkable
class Stateful(Protocol):
    """What has a state to keep: an optimiser, a schedule, a loader, a history."""

    def state_dict(self) -> Any: ...

    def load_state_dict(self, state: Any, /) -> Any: ...


@with_progress
def save_checkpoint(path: Path, **parts: Any) -> None:
    """Write the state of a training to a safetensors file, complete or not at all.

    Of a module, it holds parameters, buffers and the states of the random generators that its parts hold. The state of
    the default generator, that of `nn.manual_seed`, is always in the file.

    Args:
        path: the file, whose name is taken as it is; an older one is replaced once the new one is on the disk.
        parts: modules and whatever else has `state_dict` and `load_state_dict`, as ``model=model``; or plain data, as
            ``epoch=3``: numbers, texts, None, arrays, and lists and dicts of them.

    Raises:
        TypeError: a part is neither.
        OSError: the file cannot be written. An older one is as it was.

    Example:
        >>> import nn, os, tempfile
        >>> model = nn.Linear(2, 3)
        >>> optimizer = nn.Adam(model.parameters())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "run.safetensors")
        ...     nn.save_checkpoint(path, model=model, optimizer=optimizer, epoch=3)
        ...     nn.load_checkpoint(path, model=model, optimizer=optimizer)
        {'epoch': 3}
    """
    state = {name: _kept(part) for name, part in {**parts, GENERATOR: DefaultGenerator()}.items()}
    arrays, record = packed(state)
    write_tensors(path, arrays, {"format": FORMAT, "version": VERSION, "record": record})


@with_progress
def load_checkpoint(path: Path, *, max_bytes: int = MAX_BYTES, **parts: Any) -> dict[str, Any]:
    """Set the parts of a training, and the default generator, to the state that `save_checkpoint` wrote.

    What follows is then, to the bit, what would have followed there. Where anything is wrong, nothing is changed.

    Args:
        path: the file.
        max_bytes: refuse a larger file; 4 GiB by default.
        parts: what to set, built as what was saved, under the same names.

    Returns:
        The rest of the file, by name: plain data, and the states of parts that are not named here.

    Raises:
        ValueError: the file is damaged, of another format, or does not fit; the message says where.
        TypeError: a part has no state to set.
        OSError: there is no such file, or it cannot be read.
    """
    return restore(path, parts, read_checkpoint(path, max_bytes))


def read_checkpoint(path: Path, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """The states in a checkpoint, by name.

    Raises:
        FileFormatError, OSError: as `load_checkpoint`.
    """
    arrays, metadata = read_tensors(path, max_bytes)
    if metadata.get("format") != FORMAT:
        raise FileFormatError(path, "is no checkpoint, as nn.save_checkpoint writes; nn.load reads a module's weights")
    if metadata.get("version") != VERSION:
        raise FileFormatError(
            path,
            f"is a checkpoint of version {metadata.get('version')!r}, and this gradwalk reads {VERSION!r}; install a "
            f"newer gradwalk",
        )
    try:
        state = unpacked(arrays, metadata.get("record", ""))
    except ValueError as error:
        raise FileFormatError(path, f"is damaged: {error}") from None
    if not isinstance(state, dict) or GENERATOR not in state:
        raise FileFormatError(path, "is damaged: its record is not that of a checkpoint")
    return state


def restore(path: Path, parts: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    """Set each part to its state, or none; returns the states that belong to none."""
    missing = [name for name in parts if name not in state]
    if missing:
        held = [name for name in state if name != GENERATOR]
        raise FileFormatError(path, f"holds no {' and no '.join(map(repr, missing))}; it holds {held}")
    targets = {name: _stateful(name, part) for name, part in {**parts, GENERATOR: DefaultGenerator()}.items()}
    before = {name: target.state_dict() for name, target in targets.items()}
    try:
        for name, target in targets.items():
            target.load_state_dict(state[name])
    except Exception as error:  # whatever a part makes of a state that is not its own
        for earlier, target in targets.items():
            target.load_state_dict(before[earlier])
            if earlier == name:
                break
        raise FileFormatError(path, f"does not fit, and nothing was changed: {name}: {error}") from error
    return {name: each for name, each in state.items() if name not in targets}


def _kept(part: Any) -> Any:
    if isinstance(part, Module):
        return ModuleState(part).state_dict()
    return part.state_dict() if isinstance(part, Stateful) else part


def _stateful(name: str, part: Any) -> Stateful:
    if isinstance(part, Module):
        return ModuleState(part)
    if not isinstance(part, Stateful):
        raise TypeError(
            f"load_checkpoint: {name} is a {type(part).__name__}, which has no state to set; plain data are returned, "
            f"not set: leave {name} out"
        )
    return part
