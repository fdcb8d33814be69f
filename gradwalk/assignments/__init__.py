"""Assignments to be graded: what is asked for, with inputs, points and right functions to hold the answers against."""
