"""What pages and notebook blocks share, whatever they show: nothing but the page is loaded, and nothing in it runs."""

from __future__ import annotations

import base64
import html
import re

_SMALLEST_SCALE = 0.6  # a picture wider than its page shrinks so far and no farther; then it scrolls

# Whatever a name in a graph may try.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 1.5rem auto; max-width: 80rem; padding: 0 1rem; font-family: Helvetica, Arial, sans-serif;
  background: Canvas; color: CanvasText; line-height: 1.4; }
h1 { font-size: 1.3rem; overflow-wrap: anywhere; }
figure, .scroll { margin: 1rem 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
pre { margin: 0; font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.85rem; }
summary { cursor: pointer; font-weight: bold; }
details { margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.9rem; }
caption { text-align: left; font-weight: bold; padding: 0.5rem 0; }
th, td { border: 1px solid gray; padding: 0.2rem 0.6rem; text-align: left; }
""".strip()


def page(title: str, body: str, scripts: bool = False) -> str:
    """A page that needs no network, and is light or dark as its reader prefers.

    Args:
        title: a line of text.
        body: what stands below it, as HTML.
        scripts: whether the body's own scripts may run.
    """
    title = html.escape(title)
    policy = f"{_POLICY}; script-src 'unsafe-inline'" if scripts else _POLICY
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
{_STYLE}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def drawn_inline(svg: str) -> str:
    """An SVG inside a page; on a narrow one it shrinks a little, then scrolls."""
    return f'<figure><div style="min-width:{smallest_width(svg)}px">{svg}</div></figure>'


def drawn_as_image(svg: str, alternative: str, below: str) -> str:
    """An SVG in a notebook, as an image: the one form that every front end shows, trusted or not.

    Args:
        alternative: the picture in a line of text, for those who cannot see it.
        below: what stands below it, as HTML without scripts and style sheets, which front ends take away.
    """
    data = base64.b64encode(svg.encode()).decode()
    return (
        '<figure style="margin:0;overflow-x:auto">'
        f'<img alt="{html.escape(alternative)}" src="data:image/svg+xml;base64,{data}" '
        f'style="max-width:100%;min-width:{smallest_width(svg)}px;height:auto"/>'
        f"{below}</figure>"
    )


def smallest_width(svg: str) -> int:
    found = re.search(r'width="(\d+)"', svg)
    return int(_SMALLEST_SCALE * int(found[1])) if found else 0
