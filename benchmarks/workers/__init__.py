"""What runs in a library's own environment: one module for each workload, and `serve`, which answers for it.

These modules see the standard library and the library that they measure, nothing else of this project.
"""
