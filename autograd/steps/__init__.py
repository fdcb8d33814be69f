"""The passes as sequences of steps: what happened at each edge, in symbols and numbers; and a debugger over them.

- `backward_steps` is an iterator over what `backward` does, and does it.
- `forward_steps` tells what the forward pass did.
- `backward_trace` keeps the graph and the steps as JSON and CSV.
- `Walk` goes over the backward steps, forwards and back, to breakpoints, over scopes and into them.
"""

from autograd.steps.backward import backward_steps
from autograd.steps.breakpoints import Breakpoint
from autograd.steps.forward import ForwardStep, forward_steps
from autograd.steps.step import BackwardStep, EdgeStep, HandmadeStep, HookStep, SeedStep, Step
from autograd.steps.trace import Trace, backward_trace
from autograd.steps.walk import Walk

__all__ = [
    "BackwardStep",
    "Breakpoint",
    "EdgeStep",
    "ForwardStep",
    "HandmadeStep",
    "HookStep",
    "SeedStep",
    "Step",
    "Trace",
    "Walk",
    "backward_steps",
    "backward_trace",
    "forward_steps",
]
