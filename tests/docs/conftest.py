"""The site, built strictly and once, without the parts that take long: the reference and the notebooks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parents[2] / "docs" / "site"
BUILD = "import sys; sys.path.insert(0, sys.argv[1]); import build_site as site; site.build(site.Path(sys.argv[2]), ())"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built pages; skips where Sphinx is missing, fails where it warns."""
    for package in ("sphinx", "furo", "myst_nb", "latex2mathml"):
        pytest.importorskip(package, reason="Sphinx builds the site: pip install gradwalk[docs]")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-c", BUILD, str(SITE), str(folder)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    return folder / "html"
