"""The SVG of a picture without what a player does not need: tooltips, the description, digits that no eye resolves."""

from __future__ import annotations

import re

_TITLES = re.compile(r"<(title|desc)>.*?</\1>\s*", re.DOTALL)
_PATHS = re.compile(r' d="([^"]*)"')
_DECIMALS = re.compile(r"-?\d+\.\d+")
_GROUPS = re.compile(r'<g id="[^"]*"[^>]*>.*?(?=<g id=|</svg>)', re.DOTALL)
_SIZES = re.compile(r' font-size="([\d.]+)"')
_RULES = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CLASSES = re.compile(r'class="([^"]*)"')
_NAMES = re.compile(r"\.([a-z]\w*)")


def compact(svg: str) -> str:
    """A smaller SVG that looks the same. What is said in titles is said by the player itself.

    Example:
        >>> compact('<svg><title>a\\nb</title><path d="M1.04,2.5L10.96,3"/><text x="0" y="1">c</text></svg>')
        '<svg><path d="M1,2L11,3"/><text y="1">c</text></svg>'
    """
    svg = _TITLES.sub("", svg).replace(' x="0"', "").replace(' y="0"', "")
    svg = _PATHS.sub(lambda found: f' d="{_rounded(found[1])}"', svg)
    svg = _GROUPS.sub(lambda found: _one_size(found[0]), svg)
    used = {name for names in _CLASSES.findall(svg) for name in names.split()}
    return re.sub(r"<style>(.*?)</style>", lambda found: f"<style>{_needed(found[1], used)}</style>", svg, count=1)


def as_data_uri(svg: str) -> str:
    """The SVG as an address, shorter than in base64, to stand in single quotes in HTML."""
    encoded = svg.replace("%", "%25").replace("#", "%23").replace("\n", "")
    return "data:image/svg+xml," + encoded.replace("&", "&amp;").replace("'", "&#39;")


def _rounded(path: str) -> str:
    return _DECIMALS.sub(lambda found: f"{float(found[0]):.0f}", path)


def _one_size(group: str) -> str:
    """The size of a group's texts, where they have one in common, said once."""
    sizes = set(_SIZES.findall(group))
    if len(sizes) != 1:
        return group
    return _SIZES.sub("", group).replace("<g id=", f'<g font-size="{sizes.pop()}" id=', 1)


def _needed(rules: str, used: set[str]) -> str:
    """The rules of a style sheet that reach something."""

    def kept(found: re.Match[str]) -> str:
        selectors = [each for each in found[1].split(",") if set(_NAMES.findall(each)) <= used]
        return f"{','.join(selectors)}{{{found[2]}}}" if selectors else ""

    head, media, dark = rules.partition("@media")
    condition, _, dark = dark.partition("{")
    return _RULES.sub(kept, head) + (f"{media}{condition}{{{_RULES.sub(kept, dark)}" if media else "")
