"""`grade`: students' functions beside what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autograd.progress import Progress
from autograd.testing.grading.exercise import Exercise
from autograd.testing.grading.grades import Grades, Mark
from autograd.testing.grading.limits import undisturbed
from autograd.testing.grading.marking import Marking
from autograd.testing.grading.submission import submissions

__all__ = ["grade"]


def grade(module: Any, spec: Sequence[Exercise] | Mapping[str, Any], *, seconds: float = 20.0, seed: int = 0) -> Grades:
    """Mark a student's functions `foo` and `foo_back`, or those of several students, part by part.

    The value is held against the reference's, each input's gradient against differences of the reference, and the
    backward pass against what every backward pass owes: to leave its inputs as they are, to be linear in its upstream
    gradient, and so on; this last counts only beside a right gradient. See `autograd.testing.check_backward` for the
    ways in which a pair of functions may be written.

    Nothing that a student's function does ends the grading: one that is missing, raises, exits, loops without end or
    returns something else gets its verdict. It runs in this process all the same, with all that it may do here: files
    of people whom you do not trust belong into a container.

    Args:
        module: a module, a dict of functions such as a notebook's ``globals()``, or the path of a ``.py`` or ``.ipynb``
            file; of several students a list of these, or a dict of these by the students' names.
        spec: the exercises: a list of `Exercise`, or a dict of their other arguments, in a dict each, by the function's
            name.
        seconds: after which a part is given up, and the reading of a file, or of a notebook's cell.
        seed: of the random numbers; the same seed gives the same marks.

    Returns:
        The marks: a table as text and in a notebook, with `to_csv` and `to_json`.

    Raises:
        TypeError: there are no functions to be found in `module`, or the spec holds something else.
        ValueError: the spec is empty, or an exercise's reference does not take its inputs.
        FileNotFoundError: there is no such file.

    Example:
        >>> import numpy as np
        >>> from autograd.testing import Exercise, grade
        >>> def square(x):
        ...     return x * x
        >>> def square_back(dout, x):
        ...     return dout * x
        >>> spec = [Exercise("square", (np.array([1.0, -2.0, 3.0]),), reference=lambda x: x * x, points=3)]
        >>> print(grade({"square": square, "square_back": square_back}, spec))
        exercise  part       points  verdict        diagnosis
        square    value      1/1     right
        square    x          0/1     wrong          every element is half...
        square    contracts  0/1     not looked at  no gradient is right
        1 of 3 points
    """
    exercises = _exercises(spec)
    for exercise in exercises:
        exercise.expected  # noqa: B018  a spec that does not hold is an error before anybody is graded
    marks: list[Mark] = []
    with Progress("grading") as told, undisturbed():
        for submission in submissions(module, seconds):
            for exercise in exercises:
                told.step(f"{submission.student} {exercise.name}")
                marks += Marking(exercise, submission, seconds, seed).marks()
    return Grades(marks)


def _exercises(spec: Any) -> list[Exercise]:
    if isinstance(spec, Mapping):
        spec = [Exercise(name, **arguments) for name, arguments in spec.items()]
    exercises = list(spec) if isinstance(spec, Iterable) else [spec]
    if not all(isinstance(each, Exercise) for each in exercises):
        raise TypeError("grade: the spec is a list of Exercise, or a dict of dicts by the functions' names")
    if not exercises:
        raise ValueError("grade: the spec is empty; give at least one Exercise")
    return exercises
