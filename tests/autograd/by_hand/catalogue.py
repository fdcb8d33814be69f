"""A catalogue of hand-made mistakes: a graph, the numbers that a learner would write down, and what was done wrong.

The numbers are worked out by plain arithmetic, as on paper, with the mistake made on purpose.
"""

from tests.autograd.by_hand import of_all_kinds, of_arrays, of_networks, of_numbers, of_rules
from tests.autograd.by_hand.case import CASES, Case

__all__ = ["CASES", "Case", "of_all_kinds", "of_arrays", "of_networks", "of_numbers", "of_rules"]
