"""The function that `to_jax` returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from autograd.errors import DTypeError, GraphError, ShapeError
from autograd.observed import Operand, Plain
from autograd.observed import filled as with_operands
from autograd.replay.jax.steps import used_steps
from autograd.replay.jax.table import FUNCTIONS, REDUCTIONS, of_values, plain
from autograd.replay.tape import Input, Step, Tape, filled

_FLOAT64 = np.dtype(np.float64)


class JaxFunction:
    """A program as a pure function ``f(leaves, *inputs)`` of `jax.numpy`; `autograd.replay.jax.to_jax` makes it.

    Attributes:
        leaves: the captured leaves' data when the function was made, by name: NumPy arrays.
    """

    def __init__(self, tape: Tape, *, dtype: Any, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._tape = tape
        self._dtype = None if dtype is None else _floating(dtype)
        self._functions = dict(functions)
        self._steps = used_steps(tape)
        for step in self._steps:
            self._require_function(step)
        self._names = _names(tape)
        self._holds_float64 = any(self._dtype_of(place) == _FLOAT64 for place in self._places())
        self._refuse_float64()
        self.leaves = {
            name: np.array(tape.leaves[place]._data, dtype=self._dtype_of(place)) for place, name in self._names.items()
        }

    def __call__(self, leaves: Mapping[str, Any], *inputs: Any) -> Any:
        """The outputs: a JAX array, or a tuple where the recorded function returned one.

        Args:
            leaves: an array for each name of `leaves`.
            inputs: as for the program, of the recorded shapes.

        Raises:
            GraphError: the names are not those of `leaves`, or there are more or fewer inputs.
            ShapeError: an array has another shape than was recorded.
            DTypeError: the program holds float64 and ``jax_enable_x64`` is not set.
        """
        self._refuse_float64()
        values: list[Any] = [None] * len(self._tape)
        for place, constant in self._tape.constants.items():
            values[place] = jnp.asarray(constant, self._dtype_of(place))
        self._place_leaves(leaves, values)
        arrays = self._place_inputs(inputs, values)
        for step in self._steps:
            values[step.place] = self._run(step, values, arrays)
        outputs = tuple(values[place] for place in self._tape.outputs)
        return outputs if self._tape.several else outputs[0]

    def store(self, leaves: Mapping[str, Any]) -> None:
        """Write arrays back to the leaves that the program captured, as after a training in JAX.

        Raises:
            GraphError: the names are not those of `leaves`.
            ShapeError: an array has another shape than its leaf.
        """
        self._check_names(leaves)
        for place, name in self._names.items():
            data = np.asarray(leaves[name])
            self._check_shape(name, data, self._shape_of(place))
            self._tape.leaves[place].data = float(data) if self._tape.kind == "value" else data.astype(np.float64)

    def __repr__(self) -> str:
        takes = ", ".join(["leaves", *(each.name for each in self._tape.inputs)])
        return f"JaxFunction({takes}; {len(self._steps)} operations, {len(self.leaves)} leaves)"

    # ---- what comes in --------------------------------------------------------------------------------------------

    def _check_names(self, leaves: Mapping[str, Any]) -> None:
        if set(leaves) != set(self._names.values()):
            expected = ", ".join(sorted(self._names.values()))
            raise GraphError(f"to_jax: takes the leaves {expected}, not {', '.join(sorted(leaves))}; see `f.leaves`")

    def _check_shape(self, name: str, data: Any, shape: tuple[int, ...]) -> None:
        if jnp.shape(data) != shape:
            raise ShapeError(
                f"to_jax: {name} was recorded with shape {shape} and is given {jnp.shape(data)}; record again for "
                f"another shape, or take jax.vmap for a batch"
            )

    def _place_leaves(self, leaves: Mapping[str, Any], values: list[Any]) -> None:
        self._check_names(leaves)
        for place, name in self._names.items():
            values[place] = jnp.asarray(leaves[name], self._dtype_of(place))
            self._check_shape(name, values[place], self._shape_of(place))

    def _place_inputs(self, inputs: tuple[Any, ...], values: list[Any]) -> list[Any]:
        specs = self._tape.inputs
        if len(inputs) != len(specs):
            names = ", ".join(each.name for each in specs)
            raise GraphError(f"to_jax: takes {len(specs)} inputs after the leaves ({names}), not {len(inputs)}")
        arrays = []
        for spec, given in zip(specs, inputs, strict=True):
            array = self._as_array(spec, given)
            self._check_shape(spec.name, array, spec.shape)
            arrays.append(array)
            if spec.kind == "values":
                for place, index in zip(spec.places, np.ndindex(*spec.shape), strict=True):
                    values[place] = array[index]
            elif spec.places:
                values[spec.places[0]] = array
        return arrays

    def _as_array(self, spec: Input, given: Any) -> Any:
        array = jnp.asarray(getattr(given, "_data", given))
        kind = array.dtype.kind if array.dtype.kind in "iub" else "f"
        if spec.kind == "integers":
            if kind == "f":
                raise DTypeError(f"to_jax: the input {spec.name} takes integers, not {array.dtype}")
            return array
        return array.astype(self._converted(spec.dtype))

    # ---- what runs ------------------------------------------------------------------------------------------------

    def _run(self, step: Step, values: list[Any], inputs: list[Any]) -> Any:
        args = [values[place] for place in step.arguments]
        params = self._converted_params(filled(step.params, inputs, values))
        rule = step.rule
        if isinstance(rule, Plain):
            still = [jax.lax.stop_gradient(each) for each in args]
            call, options = params.get("call", (Operand(0),)), params.get("options", ())
            return plain(rule.name, with_operands(call, still), dict(with_operands(options, still)))
        if rule.name in self._functions:
            out = self._functions[rule.name](*args, **params)
        elif self._tape.kind == "value" and rule.name in REDUCTIONS:
            out = of_values(rule.name, args, params)
        else:
            out = FUNCTIONS[rule.name](*args, **params)
        return jnp.asarray(out, self._dtype_of(step.place))  # NumPy's dtype: JAX makes less of integers and floats

    def _require_function(self, step: Step) -> None:
        rule = step.rule
        if isinstance(rule, Plain) or rule.name in self._functions or (rule.builtin and rule.name in FUNCTIONS):
            return
        raise LookupError(
            f"to_jax: the primitive {rule.name!r} has no JAX function; give one: "
            f"to_jax(functions={{{rule.name!r}: lambda ...: ...}})"
        )

    # ---- dtypes ---------------------------------------------------------------------------------------------------

    def _places(self) -> set[int]:
        inputs = [place for spec in self._tape.inputs for place in spec.places]
        used = {place for step in self._steps for place in (step.place, *step.arguments)}
        return used.union(inputs, self._tape.leaves, self._tape.outputs)

    def _shape_of(self, place: int) -> tuple[int, ...]:
        return self._tape.shapes[place] if self._tape.shapes else ()

    def _dtype_of(self, place: int) -> Any:
        return self._converted(self._tape.dtypes[place] if self._tape.dtypes else _FLOAT64)

    def _converted(self, dtype: Any) -> Any:
        return self._dtype if self._dtype is not None and np.dtype(dtype).kind == "f" else dtype

    def _converted_params(self, params: dict[str, Any]) -> dict[str, Any]:
        if "dtype" in params:
            return {**params, "dtype": self._converted(params["dtype"])}
        return params

    def _refuse_float64(self) -> None:
        config: Any = jax.config
        if self._holds_float64 and not config.jax_enable_x64:
            raise DTypeError(
                "to_jax: the program computes in float64, which JAX makes float32 unless told otherwise; call "
                'jax.config.update("jax_enable_x64", True) first, record with float32 arrays, or say dtype="float32"'
            )


def _floating(dtype: Any) -> np.dtype[Any]:
    chosen: np.dtype[Any] = np.dtype(dtype)
    if not jnp.issubdtype(chosen, jnp.floating):
        raise DTypeError(f"to_jax: dtype={chosen} is no floating-point dtype")
    return chosen


def _names(tape: Tape) -> dict[int, str]:
    """Each captured leaf's own name where it is free, else a numbered one."""
    names: dict[int, str] = {}
    for number, place in enumerate(tape.leaves, 1):
        own = tape.names.get(place, "") or f"leaf_{number}"
        while own in names.values():
            own += "_again"
        names[place] = own
    return names
