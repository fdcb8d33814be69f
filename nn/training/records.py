"""Nested states as named arrays and one text, which a safetensors file holds, and back to the same bits."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def packed(state: Any) -> tuple[dict[str, Array], str]:
    """Arrays by name, and a text that says where each belongs.

    Numbers, texts, None and lists stand in the text as they are. All else is a JSON object of one entry, whose key says
    what it is: a dict as its pairs, an array as its name.

    Args:
        state: None, booleans, numbers, texts, arrays, and lists, tuples and dicts of them.

    Raises:
        TypeError: it holds something else; the message says where.

    Example:
        >>> import numpy as np
        >>> packed({"epoch": 3, "model": {"mean": np.ones(2)}})[1]
        '{"dict":[["epoch",3],["model",{"dict":[["mean",{"array":"model/mean"}]]}]]}'
    """
    arrays: dict[str, Array] = {}
    return arrays, json.dumps(_to_json(state, "", arrays), separators=(",", ":"), allow_nan=False)


def unpacked(arrays: Mapping[str, Array], text: str) -> Any:
    """What `packed` was given.

    Raises:
        ValueError: the text is not of that form, or names an array that is not there.
    """
    try:
        return _from_json(json.loads(text), arrays)
    except RecursionError:
        raise ValueError("its record is nested too deeply") from None


def _to_json(value: Any, name: str, arrays: dict[str, Array]) -> Any:
    if isinstance(value, np.ndarray | np.generic):  # before float: numpy.float64 is one, and would come back as another
        return {"array" if isinstance(value, np.ndarray) else "number": _put(np.asarray(value), name, arrays)}
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, Mapping):
        return {"dict": [[_to_json(k, name, arrays), _to_json(v, _join(name, k), arrays)] for k, v in value.items()]}
    if isinstance(value, list | tuple):
        listed = [_to_json(each, _join(name, place), arrays) for place, each in enumerate(value)]
        return listed if isinstance(value, list) else {"tuple": listed}
    raise TypeError(
        f"save_checkpoint: {name} is a {type(value).__name__}, which a checkpoint cannot hold; it holds numbers, "
        f"texts, None, arrays, and lists and dicts of them"
    )


def _join(name: str, part: Any) -> str:
    return f"{name}/{part}" if name else str(part)


def _put(array: Array, name: str, arrays: dict[str, Array]) -> str:
    while name in arrays:  # two keys that read alike, as 1 and "1"
        name += "'"
    arrays[name] = array
    return name


def _from_json(value: Any, arrays: Mapping[str, Array]) -> Any:
    if isinstance(value, list):
        return [_from_json(each, arrays) for each in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [("array", str(name))] if name in arrays:
            return arrays[name]
        case [("number", str(name))] if name in arrays and arrays[name].ndim == 0:
            return arrays[name][()]
        case [("float", "nan" | "inf" | "-inf" as number)]:
            return float(number)
        case [("tuple", list(items))]:
            return tuple(_from_json(each, arrays) for each in items)
        case [("dict", list(pairs))] if all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
            return dict(_pair(pair, arrays) for pair in pairs)
    raise ValueError(f"its record holds {str(value)[:100]}, which stands for nothing")


def _pair(pair: list[Any], arrays: Mapping[str, Array]) -> tuple[Any, Any]:
    key, value = (_from_json(each, arrays) for each in pair)
    if not isinstance(key, str | int | float | tuple | None):
        raise ValueError(f"its record has a {type(key).__name__} for a key")
    return key, value
