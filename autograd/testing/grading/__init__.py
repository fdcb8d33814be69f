"""Grading: functions that students wrote, `foo` and `foo_back`, marked part by part; see `grade`."""

from autograd.testing.grading.exercise import Exercise
from autograd.testing.grading.grader import grade
from autograd.testing.grading.grades import Grades, Mark

__all__ = ["Exercise", "Grades", "Mark", "grade"]
