"""The parameters and groups that an optimiser is given, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autograd.node import Node
from nn.optim.options import GROUP_NOTES


def listed_groups(parameters: Iterable[Any], caller: str) -> list[Any]:
    """Parameters, or groups of them, as a list of groups."""
    found = _listed(parameters, caller)
    dicts = [isinstance(each, Mapping) for each in found]
    if not any(dicts):
        return [{"params": found}]
    if not all(dicts):
        raise TypeError(f"{caller}: some entries are groups and some are parameters; make each a dict with 'params'")
    return found


def plain_group(group: Mapping[str, Any], caller: str) -> dict[str, Any]:
    """A copy of a group as the user wrote it, its ``"params"`` a list."""
    if not isinstance(group, Mapping):
        raise TypeError(f"{caller}: a group is a dict with 'params' and options, not a {type(group).__name__}")
    if "params" not in group:
        raise ValueError(f"{caller}: a group holds its parameters under 'params'; this one has {list(group)}")
    params = group["params"]
    return {**group, "params": [params] if isinstance(params, Node) else params}


def refuse_unknown(group: Mapping[str, Any], options: Mapping[str, Any], caller: str) -> None:
    """Raise where a group names an option that the optimiser does not have."""
    unknown = [name for name in group if name not in {"params", *options, *GROUP_NOTES}]
    if unknown:
        raise ValueError(f"{caller}: there is no option {unknown[0]!r}; a group can set {sorted(options)}")


def checked_parameters(parameters: Iterable[Any], caller: str) -> list[Any]:
    """The parameters as a list: leaves, each once.

    Raises:
        TypeError: something else than nodes.
        ValueError: one is no leaf or is named twice.
    """
    found = _listed(parameters, caller)
    for parameter in found:
        if not isinstance(parameter, Node):
            raise TypeError(f"{caller}: {parameter!r} is no parameter; give Tensors or Values, as model.parameters()")
        if not parameter.is_leaf:
            raise ValueError(f"{caller}: {parameter.describe()} is the result of an operation; only a leaf can move")
    if len({id(parameter) for parameter in found}) < len(found):
        raise ValueError(f"{caller}: a parameter is named twice and would be taken twice")
    return found


def _listed(parameters: Any, caller: str) -> list[Any]:
    if isinstance(parameters, Node | Mapping | str) or not isinstance(parameters, Iterable):
        raise TypeError(
            f"{caller}: expected a list of parameters, not a {type(parameters).__name__}; write model.parameters()"
        )
    if isinstance(parameters, set | frozenset):
        raise TypeError(f"{caller}: a set has no order to tell parameters by; give a list")
    return list(parameters)
