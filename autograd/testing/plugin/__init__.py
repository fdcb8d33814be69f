"""What the pytest plugin does; pytest comes in by `gradwalk.pytest_plugin`, which imports these pages when needed.

That entry lies outside of `autograd`, since pytest imports it in every run, before coverage begins to look.
"""
