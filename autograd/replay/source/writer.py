"""The two functions of a written program, line by line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.replay.source import literals
from autograd.replay.source.arrays_table import ELEMENTWISE
from autograd.replay.source.arrays_table import TEMPLATES as OF_ARRAYS
from autograd.replay.source.chains import inlined_into
from autograd.replay.source.operation import Operation, Template
from autograd.replay.source.plain import plain_template
from autograd.replay.source.values_table import TEMPLATES as OF_VALUES
from autograd.replay.source.variables import Variables
from autograd.replay.tape import Guard, Step, Tape

Lines = list[str]


class Writer:
    """Writes a tape down. The backward pass is written first, for what it needs of the forward pass is saved there.

    Attributes:
        functions: what is called for a primitive that has no template.
    """

    def __init__(self, tape: Tape, variables: Variables) -> None:
        self.tape = tape
        self.variables = variables
        self.functions: dict[str, Callable[..., Any]] = {}
        self.steps = list(tape.steps())
        self.step_of = {step.place: step for step in self.steps}
        self.templates = {step.place: self._template(step) for step in self.steps}
        self.carries = self._carrying()
        self.inlined = inlined_into(tape, self.steps)
        self.guards = {guard.place: guard for guard in tape.guards}
        self.seeds = [place for place in variables.outputs if self.carries[place]]
        for step in self.steps:
            if step.place not in self.inlined:
                variables[step.place]  # numbered in the order of the forward pass
        self.gradients: dict[int, str] = {}  # the names that hold a gradient so far
        self.backward_lines = self._backward()

    # ---- forward --------------------------------------------------------------------------------------------------

    def forward(self) -> Lines:
        """The function that computes the outputs."""
        body = self._scoped(self.steps, self._forward_lines)
        decisions = self._early_decisions()
        arrays = [f'{name} = arrays["{name}"]  # {array.shape}' for name, array in self.variables.arrays.items()]
        saved = self._saved(self.backward_lines)
        outputs = ", ".join(self._value(place) for place in self.tape.outputs)
        outputs = f"({outputs}{',' if len(self.tape.outputs) == 1 else ''})" if self.tape.several else outputs
        arguments = [*self.variables.arguments(), *["arrays"] * bool(self.variables.arrays), *self._functions()]
        return [
            f"def forward({', '.join(arguments)}):",
            *_indented([*self.variables.preparation(), *arrays, *decisions, *body]),
            f"    saved = {_tuple(saved)}",
            f"    return {outputs}, saved",
        ]

    def _forward_lines(self, step: Step) -> Lines:
        if step.place in self.inlined:
            return []
        operation = self._operation(step)
        lines = [f"{operation.out} = {self._expression(step)}{self._shape_note(step)}"]
        template = self.templates[step.place]
        if template.kink and "raise" in step.params.values():
            lines.insert(0, self._refusal(template, operation))
        if step.place in self.guards:
            lines.append(self._decision(self.guards[step.place]))
        return lines

    def _early_decisions(self) -> Lines:
        """Those about inputs and leaves themselves."""
        return [self._decision(guard) for guard in self.guards.values() if self.variables.is_leaf(guard.place)]

    def _decision(self, guard: Guard) -> str:
        """What Python decided by while it was recorded must come out the same, or another path would be right."""
        name, expected = self.variables[guard.place], np.asarray(guard.expected)
        if expected.ndim:
            test = f"np.array_equal({name}, {self.variables.array(expected, otherwise='decided')})"
        else:
            test = f"{name} == {literals.number(expected.item())}"
        return f'assert {test}, "another path: record again"'

    def _refusal(self, template: Template, operation: Operation) -> str:
        kink = template.kink
        if kink == "bounds":
            bounds = [operation.param(name) for name in ("lower", "upper") if operation.param(name) is not None]
            kink = " | ".join(f"({{x}} == {literals.number(each)})" for each in bounds) or "False"
        everything = ", ".join(operation.args)
        x, y = operation.args[0], operation.args[-1]
        on_kink = kink.format(x=x, y=y, all=everything, axis=operation.param("axis"))
        return f'refuse({on_kink}, "{operation.step.rule.name}")'

    def _value(self, place: int) -> str:
        return self.variables.operand(place, [], as_number=False)

    def _saved(self, lines: Lines) -> list[str]:
        """The variables of the forward pass that the backward pass reads."""
        words = {word for line in lines if not line.startswith("#") for word in re.findall(r"[A-Za-z_]\w*", line)}
        places = [place for spec in self.tape.inputs for place in spec.places]
        own = [self.variables[place] for place in [*places, *self.tape.leaves]]
        integers = [
            name for name, spec in zip(self.variables.inputs, self.tape.inputs, strict=True) if spec.kind == "integers"
        ]
        made = [self.variables[step.place] for step in self.steps if step.place not in self.inlined]
        return [name for name in dict.fromkeys([*integers, *own, *self.variables.arrays, *made]) if name in words]

    # ---- backward -------------------------------------------------------------------------------------------------

    def backward(self) -> Lines:
        """The function that computes the gradients."""
        seeds = [self._seed_argument(place) for place in self.seeds]
        saved = self._saved(self.backward_lines)
        pairs = self.variables.gradients(self._gradient_or_zero)
        returned = ", ".join(f'"{name}": {text}' for name, text in pairs)
        return [
            f"def backward({', '.join(['saved', *seeds, *self._functions()])}):",
            *_indented([f"{_tuple(saved)} = saved"] if saved else []),
            *_indented(self.backward_lines),
            f"    return {{{returned}}}",
        ]

    def _backward(self) -> Lines:
        lines: Lines = []
        for place in self.seeds:
            name = self.gradients[place] = f"d_{self._value(place)}"
            if self.tape.kind == "tensor":
                shape, dtype = self.tape.shapes[place], literals.dtype(self.tape.dtypes[place])
                text = f"np.asarray({name}, dtype={dtype})"
                one = f"np.broadcast_to({text}, {shape})" if shape and int(np.prod(shape)) == 1 else text
                lines.append(f"{name} = {one}  # {shape}")
        return lines + self._scoped(list(reversed(self.steps)), self._backward_lines)

    def _backward_lines(self, step: Step) -> Lines:
        if step.place not in self.gradients or not self.carries[step.place]:
            return []
        operation, template = self._operation(step), self.templates[step.place]
        lines: Lines = []
        holds_others = any(self.inlined.get(each) == step.place for each in step.arguments)
        for number, place in enumerate(step.arguments):
            if not self.carries[place] or not template.passes(number):
                continue
            if self.inlined.get(place) == step.place:  # its gradient is this one: nothing to write
                self.gradients[place] = operation.gradient
                continue
            lines.append(self._contribution(step, place, template.contribution(operation, number)))
        if (lines or holds_others) and step.place not in self.inlined:
            lines.insert(0, f"# {operation.out} = {self._expression(step)}")
        return lines

    def _contribution(self, step: Step, place: int, text: str) -> str:
        name = f"d_{self.variables[place]}"
        text = self._in_own_dtype(step, place, text)
        note = "" if self.tape.kind == "value" else self._note([self.tape.shapes[step.place]], self.tape.shapes[place])
        if place not in self.gradients:
            self.gradients[place] = name
            return f"{name} = {text}{note}"
        if self.tape.kind == "value":
            return f"{name} += {text}"
        return f"{name} = {name} + {text}{note}"  # not +=: several names may hold one array

    def _in_own_dtype(self, step: Step, place: int, text: str) -> str:
        """The contribution, of the dtype of what receives it: a matrix of float32 times integers gives float64."""
        if self.tape.kind == "value" or step.rule.name == "cast" or self._dtype(step.place) == self._dtype(place):
            return text
        return f"({text}).astype({literals.dtype(self._dtype(place))})"

    def _dtype(self, place: int) -> np.dtype[Any]:
        return self.tape.dtypes[place]

    def _gradient_or_zero(self, place: int) -> str:
        if place in self.gradients:
            return self.gradients[place]
        if self.tape.kind == "value":
            return "0.0"
        return f"np.zeros({self.tape.shapes[place]}, dtype={literals.dtype(self.tape.dtypes[place])})"

    def _seed_argument(self, place: int) -> str:
        single = len(self.tape.outputs) == 1 and (self.tape.kind == "value" or np.prod(self.tape.shapes[place]) == 1)
        return f"{self.gradients[place]}=1.0" if single else f"d_{self._value(place)}"

    # ---- both -----------------------------------------------------------------------------------------------------

    def _template(self, step: Step) -> Template:
        table = OF_ARRAYS if self.tape.kind == "tensor" else OF_VALUES
        plain = plain_template(step)
        if plain is not None:
            return plain
        known = table.get(step.rule.name)
        return known if known is not None and step.rule.builtin else self._called(step)

    def _called(self, step: Step) -> Template:
        """A primitive that has no template: it is called, and so is its derivative."""
        rule = step.rule
        self.functions[rule.name] = rule.forward

        def derivative(gradient: Any, out: Any, *inputs: Any, **params: Any) -> list[Any]:
            return rule.contributions(gradient, out, list(inputs), [True] * len(inputs), params)

        self.functions[f"d_{rule.name}"] = derivative

        def arguments(operation: Operation, *first: str) -> str:
            params = [f"{name}={literals.literal(value, operation.name_of)}" for name, value in step.params.items()]
            return ", ".join([*first, *operation.args, *params])

        return Template(
            lambda o: f'functions["{rule.name}"]({arguments(o)})',
            lambda o, i: f'functions["d_{rule.name}"]({arguments(o, o.gradient, o.out)})[{i}]',
        )

    def _operation(self, step: Step) -> Operation:
        elementwise = step.rule.name in ELEMENTWISE and step.rule.builtin
        places = list(step.arguments)
        args = [self._argument(step, place, elementwise) for place in places]
        tensors = self.tape.kind == "tensor"
        return Operation(
            step, args, [self.tape.shapes[place] if tensors else () for place in places], self.variables[step.place],
            self.tape.shapes[step.place] if tensors else (), self.gradients.get(step.place, ""),
            self.variables.parameter,
        )  # fmt: skip

    def _argument(self, step: Step, place: int, elementwise: bool) -> str:
        if self.inlined.get(place) == step.place:
            text = self._expression(self.step_of[place])
            right_sum = self.step_of[place].rule.name != "multiply" and place != step.arguments[0]
            return f"({text})" if right_sum else text
        return self.variables.operand(place, list(step.arguments), as_number=elementwise)

    def _expression(self, step: Step) -> str:
        return self.templates[step.place].result(self._operation(step))

    def _carrying(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether what a place receives reaches an input or leaf; what ends in a step function gets no line."""
        carries = np.zeros(len(self.tape), dtype=bool)
        wanted = [place for spec in self.tape.inputs if spec.differentiable for place in spec.places]
        carries[[*wanted, *self.tape.leaves]] = True
        for step in self.steps:
            carries[step.place] = any(
                carries[place] and self.templates[step.place].passes(number)
                for number, place in enumerate(step.arguments)
            )
        return carries

    def _scoped(self, steps: list[Step], lines_of: Callable[[Step], Lines]) -> Lines:
        """The lines of the steps, with a comment where another scope begins."""
        out: Lines = []
        scope = ""
        for step in steps:
            lines = lines_of(step)
            own = self.tape.scopes.get(step.place, "")
            if lines and own != scope:
                out += [f"# ---- {own or 'outside'}"]
                scope = own
            out += lines
        return out

    def _shape_note(self, step: Step) -> str:
        if self.tape.kind == "value":
            return ""
        shapes = [self.tape.shapes[place] for place in step.arguments]
        large = [shape for shape in shapes if shape] or shapes[:1]
        return self._note(large, self.tape.shapes[step.place])

    def _note(self, before: list[tuple[int, ...]], after: tuple[int, ...]) -> str:
        if all(shape == after for shape in before):
            return ""
        return f"  # {', '.join(map(str, before))} -> {after}"

    def _functions(self) -> list[str]:
        return ["*", "functions"] if self.functions else []


def _tuple(names: list[str]) -> str:
    return f"({names[0]},)" if len(names) == 1 else ", ".join(names) or "()"


def _indented(lines: Lines) -> Lines:
    return [f"    {line}" for line in lines]
