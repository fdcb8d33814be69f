"""A picture leads to its file, in which it is as large as it was drawn: a column is too narrow for large graphs."""

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.osutil import relative_uri


def _link(app: Sphinx, doctree: nodes.document, page: str) -> None:
    folder = relative_uri(app.builder.get_target_uri(page), "_images")
    for image in list(doctree.findall(nodes.image)):
        if image["uri"] in app.env.images and not isinstance(image.parent, nodes.reference):
            _, file = app.env.images[image["uri"]]
            link = nodes.reference(internal=True, refuri=f"{folder}/{file}", classes=["image-reference"])
            image.replace_self(link)
            link += image


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("doctree-resolved", _link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
