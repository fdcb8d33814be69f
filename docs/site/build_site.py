"""Builds the site into build/site/html, strictly: every warning and every dead link is an error. `make docs`.

    python docs/site/build_site.py [--into FOLDER]

Its sources are laid out first: the pages beside this file, the documents of docs/, parts of the README, the notebooks
as they stand, the derivative table that the primitives write, and the reference that the docstrings are.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from sphinx.cmd.build import build_main

SITE = Path(__file__).resolve().parent
ROOT = SITE.parent.parent
sys.path[:0] = [str(ROOT), str(SITE), str(ROOT / "docs")]

from links import dead_links  # noqa: E402
from make_reference import TABLE, derivative_table  # noqa: E402
from reference import reference_pages  # noqa: E402

TARGET = ROOT / "build" / "site"
_PART = re.compile(r"^<!-- README: (.+) -->$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[([^]]*)\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)")


def lay_out(source: Path, parts: Sequence[str] = ("reference", "notebooks")) -> None:
    """Write the site's sources into an empty folder.

    Args:
        parts: which of the parts that take long are written; a page that says so stands for one that is not.
    """
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    shutil.copytree(ROOT / "docs" / "images", source / "images")
    for page in sorted(SITE.glob("*.md")):
        text = page.read_text(encoding="utf-8").replace(TABLE, derivative_table())
        _write(source / page.name, _PART.sub(lambda part: readme_part(part[1]), text))
    for document in sorted((ROOT / "docs").glob("*.md")):
        _write(source / document.name, document.read_text(encoding="utf-8"))
    for part in ("reference", "notebooks"):
        (source / part).mkdir()
        if part not in parts:
            _write(source / part / "left_out.md", "# Left out\n")
    for name, text in reference_pages().items() if "reference" in parts else ():
        _write(source / "reference" / f"{name}.md", text)
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")) if "notebooks" in parts else ():
        shutil.copy(notebook, source / "notebooks")


def readme_part(heading: str) -> str:
    """The text below a heading of the README, with its links as the site has them.

    Raises:
        LookupError: the README has no such heading.
    """
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"the README has no heading '## {heading}'")
    return found[1].strip().replace("](docs/", "](")


def _write(target: Path, text: str) -> None:
    """A page, in which a link to a file that the site does not show is its text alone."""

    def kept(link: re.Match[str]) -> str:
        return link[0] if Path(link[2]).suffix in (".md", ".ipynb") else link[1]

    target.write_text(_LINK.sub(kept, text), encoding="utf-8")


def build(target: Path = TARGET, parts: Sequence[str] = ("reference", "notebooks")) -> Path:
    """Build the site.

    Returns:
        The folder of its pages.

    Raises:
        SystemExit: Sphinx warned, or a link is dead; what and where has been said on stderr.
    """
    source, pages = target / "source", target / "html"
    lay_out(source, parts)
    shutil.rmtree(pages, ignore_errors=True)
    options = ["-q", "-W", "--keep-going", "-E", "-b", "html", "-c", str(SITE), "-d", str(target / "doctrees")]
    if build_main([*options, str(source), str(pages)]):
        raise SystemExit("the site was not built: see the warnings above")
    dead = dead_links(pages)
    if dead:
        raise SystemExit("dead links:\n" + "\n".join(dead))
    return pages


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the site, and say where it is."""
    parser = argparse.ArgumentParser(description="Build the site of the documentation.")
    parser.add_argument("--into", type=Path, default=TARGET, help="the folder; build/site unless given")
    pages = build(parser.parse_args(arguments).into)
    print(f"{len(list(pages.rglob('*.html')))} pages: {pages / 'index.html'}")


if __name__ == "__main__":
    main()
