"""Write the table of grading.md anew: ``python docs/make_grading.py``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from autograd.testing import Grades, grade
from gradwalk.assignments.layers import SPEC

PAGE = Path(__file__).parent / "grading.md"
STUDENTS = Path(__file__).parent / "examples" / "students"
NAMES = ("ada.py", "emmy.py", "grace.ipynb", "kurt.py")
_TABLE = re.compile(r"(?<=^```text\n)student .*?(?=^```$)", re.MULTILINE | re.DOTALL)


def graded() -> Grades:
    """The marks of the four students."""
    return grade([STUDENTS / name for name in NAMES], SPEC, seconds=2)


def with_table(page: str, table: str) -> str:
    """The page with its table replaced."""
    return _TABLE.sub(lambda _: table + "\n", page, count=1)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), str(graded())), encoding="utf-8")
