"""The demo's page: what `gradwalk.demo` found, as one self-contained HTML file."""

from gradwalk.page.document import render

__all__ = ["render"]
