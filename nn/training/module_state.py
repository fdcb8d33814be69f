"""All that a module's next step depends on: parameters, every buffer, and the random generators that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from nn import init
from nn.generators import check_generator_state
from nn.module import Module

Array = npt.NDArray[Any]


class ModuleState:
    """A module's `state_dict`, the buffers that this leaves out, and the states of its parts' generators.

    The default generator is not among them, whoever holds it: it belongs to no module.
    """

    def __init__(self, module: Module) -> None:
        self.module = module

    def state_dict(self) -> dict[str, Any]:
        """A copy of it all."""
        return {
            "state": self.module.state_dict(),
            "transient": {path: np.array(array) for path, array in self._transient().items()},
            "generators": {path: rng.bit_generator.state for path, rng in self._generators().items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set it all from what `state_dict` gave.

        Raises:
            ValueError: it does not fit, or its dtypes are others, in which the next step would be another.
        """
        transient, generators = self._transient(), self._generators()
        _check_names("buffers", transient, state["transient"])
        _check_names("random generators", generators, state["generators"])
        held = {**{entry.path: entry.held for entry in self.module.named_state()}, **transient}
        for path, array in {**state["state"], **state["transient"]}.items():
            _check_dtype(path, held.get(path), array)
        for path, rng in generators.items():
            check_generator_state(path, rng, state["generators"][path])
        self.module.load_state_dict(state["state"])
        modules = dict(self.module.named_modules())
        for path, array in state["transient"].items():
            owner, _, name = path.rpartition(".")
            setattr(modules[owner], name, array)
        for path, rng in generators.items():
            rng.bit_generator.state = state["generators"][path]

    def _transient(self) -> dict[str, Array]:
        kept = {entry.path for entry in self.module.named_state()}
        return {path: array for path, array in self.module.named_buffers() if path not in kept}

    def _generators(self) -> dict[str, np.random.Generator]:
        """Each once, by the first path that leads to it."""
        found: dict[str, np.random.Generator] = {}
        seen = {id(init.generator(None))}
        for path, part in self.module.named_modules():
            for name, held in vars(part).items():
                if isinstance(held, np.random.Generator) and id(held) not in seen:
                    seen.add(id(held))
                    found[f"{path}.{name}" if path else name] = held
        return found


class DefaultGenerator:
    """The state of the generator that layers draw from where they are given none; see `nn.manual_seed`."""

    def state_dict(self) -> Any:
        """A copy of it."""
        return init.generator(None).bit_generator.state

    def load_state_dict(self, state: Any) -> None:
        """Set it, or raise `ValueError`."""
        rng = init.generator(None)
        check_generator_state("the default generator", rng, state)
        rng.bit_generator.state = state


def _check_names(kind: str, own: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    if own.keys() != given.keys():
        raise ValueError(f"the module has the {kind} {list(own)}, and the state {list(given)}")


def _check_dtype(path: str, held: Any, array: Any) -> None:
    own = getattr(held, "dtype", None)
    if own is not None and own != np.asarray(array).dtype:
        raise ValueError(f"{path!r} is of {own} in the module, and of {np.asarray(array).dtype} in the state")
