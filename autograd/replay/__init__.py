"""A recorded graph as a program: it runs again on other numbers, forward and backward, without building nodes.

`record` runs a function once and keeps what it computed; `replay` takes a graph that exists. Both give a `Program`.
"""

from autograd.replay.program import Program
from autograd.replay.recording import record, replay
from autograd.replay.saving import load
from autograd.replay.tape import Tape

__all__ = ["Program", "Tape", "load", "record", "replay"]
