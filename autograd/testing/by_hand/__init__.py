"""Check my work: gradients that were worked out by hand, compared cell by cell, and the likely slips named."""

from autograd.testing.by_hand.check import check_by_hand
from autograd.testing.by_hand.result import HandCheck, HandRow, SlipGroup

__all__ = ["HandCheck", "HandRow", "SlipGroup", "check_by_hand"]
