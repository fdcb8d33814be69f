"""The demo: a network worked by hand, one that learns to read digits, and a page about both."""

from gradwalk.demo.digits import EPOCHS
from gradwalk.demo.findings import REQUIRED_ACCURACY, Findings
from gradwalk.demo.run import run_demo

__all__ = ["EPOCHS", "REQUIRED_ACCURACY", "Findings", "run_demo"]
