"""How Sphinx builds the site. `build_site.py` lays its sources out and calls it."""

import sys
from pathlib import Path

SITE = Path(__file__).resolve().parent
sys.path[:0] = [str(SITE.parent.parent), str(SITE / "extensions")]

project = "gradwalk"
author = "The gradwalk authors"
project_copyright = author

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "myst_nb", "mathml", "docstrings", "films", "enlarging"]
html_math_renderer = "mathml"  # made at build time: formulas need neither a script nor a network

# Notebooks are shown with the outputs that stand in them: `make notebooks` has executed and checked them.
nb_execution_mode = "off"
nb_mime_priority_overrides = [("html", "text/html", 0), ("html", "image/svg+xml", 1)]

myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["ref.python"]  # an attribute's name in a list of attributes, where several classes have it

default_role = "code"  # what stands in docstrings between single backticks
napoleon_use_ivar = True  # an attribute that a docstring lists may be a property with one of its own
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say what arguments are
autodoc_default_options = {"members": True}
python_maximum_signature_line_length = 88
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "gradwalk"
html_static_path = [str(SITE / "static")]
html_css_files = ["gradwalk.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "monokai"
