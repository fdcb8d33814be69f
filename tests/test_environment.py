"""gradwalk refuses to run beside HIPS autograd, in whichever order the two were installed.

The directories here stand for site-packages: the packages' own sources are copied into one, HIPS autograd's record and
its `__init__.py` are laid beside or over them, and a fresh interpreter imports.
"""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd import _environment

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("autograd", "nn", "viz")
FOREIGN_INIT = "from .numpy_wrapper_stub import grad\n"
DEPENDENCIES = Path(np.__file__).resolve().parent.parent


def python(code: str, *path: Path) -> subprocess.CompletedProcess[str]:
    """Run `code` where `sys.path` holds `path` and the dependencies; without `site`, no editable installation joins."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*path, DEPENDENCIES)))}
    command = [sys.executable, "-S", "-P", "-c", code]
    return subprocess.run(command, env=environment, cwd=path[0], capture_output=True, text=True, check=False)


def install_own(site: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, site / package, ignore=shutil.ignore_patterns("__pycache__"))
    (site / "gradwalk-0.1.0.dist-info").mkdir()
    return site


def install_foreign(site: Path, record: str = "autograd-1.8.0.dist-info") -> Path:
    """What pip does for HIPS autograd: its record, and its files over whatever is there."""
    (site / record).mkdir(parents=True)
    (site / "autograd").mkdir(exist_ok=True)
    (site / "autograd" / "__init__.py").write_text(FOREIGN_INIT, encoding="utf-8")
    (site / "autograd" / "numpy_wrapper_stub.py").write_text("def grad(): ...\n", encoding="utf-8")
    return site


def assert_refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 1, result.stdout
    message = result.stderr.strip().splitlines()[-1]
    assert message.startswith("ImportError: ")
    for word in (*words, "HIPS autograd", "pip uninstall autograd", "pip install --force-reinstall --no-deps"):
        assert word in message


@pytest.mark.parametrize("package", PACKAGES)
def test_refused_where_gradwalk_was_installed_last(tmp_path: Path, package: str) -> None:
    site = install_foreign(tmp_path)
    shutil.rmtree(site / "autograd")
    assert_refused(python(f"import {package}", install_own(site)), str(site / "autograd-1.8.0.dist-info"))


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_refused_where_the_other_was_installed_last(tmp_path: Path, package: str) -> None:
    site = install_foreign(install_own(tmp_path))
    assert_refused(python(f"import {package}", site), str(site / "autograd-1.8.0.dist-info"))


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_refused_where_the_other_hides_an_editable_installation(tmp_path: Path, package: str) -> None:
    site = install_foreign(tmp_path / "site")
    assert_refused(python(f"import {package}", site, ROOT))


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_refused_where_uninstalling_took_files_with_it(tmp_path: Path, package: str) -> None:
    site = install_own(tmp_path)
    (site / "autograd" / "__init__.py").unlink()
    assert_refused(python(f"import {package}", site), "autograd/__init__.py is missing")


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_refused_where_another_init_left_no_record(tmp_path: Path, package: str) -> None:
    site = install_foreign(install_own(tmp_path))
    shutil.rmtree(site / "autograd-1.8.0.dist-info")
    assert_refused(python(f"import {package}", site), f"`import autograd` ran {site / 'autograd' / '__init__.py'}")


@pytest.mark.parametrize(
    "record",
    ["autograd-1.8.0.dist-info", "autograd-1.3-py3.11.egg-info", "autograd-1.3-py3.8.egg", "autograd.egg-info"],
)
def test_each_form_of_record_is_found_anywhere_on_the_path(tmp_path: Path, record: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / record).mkdir(parents=True)
    assert_refused(python("import autograd", ROOT, elsewhere), str(elsewhere / record))


@pytest.mark.parametrize(
    "record",
    ["gradwalk-0.1.0.dist-info", "autograd_gamma-0.5.0.dist-info", "autograd-gamma-0.5.0.egg-info", "autograd"],
)
def test_no_other_distribution_is_taken_for_it(tmp_path: Path, record: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / record).mkdir(parents=True)
    (elsewhere / "archive.zip").touch()
    result = python("import autograd, nn, viz", ROOT, elsewhere, elsewhere / "absent", elsewhere / "archive.zip")
    assert result.returncode == 0, result.stderr


def test_every_record_is_named_in_the_order_of_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [tmp_path / "b" / "autograd-1.8.0.dist-info", tmp_path / "a" / "Autograd-1.3-py3.11.egg-info"]
    for record in records:
        record.mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "b"), str(tmp_path / "absent"), str(tmp_path / "a")])
    with pytest.raises(ImportError, match="HIPS autograd") as refusal:
        _environment.refuse_foreign_autograd()
    assert f"found at {records[0]}, {records[1]}: both install a package" in str(refusal.value)


def test_the_working_directory_is_searched_where_the_path_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "autograd.egg-link").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [""])
    with pytest.raises(ImportError, match=r"found at autograd\.egg-link:"):
        _environment.refuse_foreign_autograd()


def test_only_a_check_by_the_package_itself_vouches_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _environment.require_own_autograd()
    monkeypatch.setattr(_environment, "_own_package_ran", False)
    with pytest.raises(ImportError, match="which is not gradwalk's"):
        _environment.require_own_autograd()


def test_the_check_is_cheap_in_a_large_environment(tmp_path: Path) -> None:
    for number in range(500):
        (tmp_path / f"package_{number}").mkdir()
        (tmp_path / f"package_{number}-1.0.dist-info").mkdir()
    code = (
        "import time\n"
        "from autograd._environment import refuse_foreign_autograd\n"
        "def seconds():\n"
        "    start = time.process_time(); refuse_foreign_autograd(); return time.process_time() - start\n"
        "print(min(seconds() for _ in range(20)))\n"
    )
    assert float(python(code, ROOT, tmp_path).stdout) < 0.002


def test_the_check_needs_nothing_that_is_not_loaded_already() -> None:
    tree = ast.parse((ROOT / "autograd" / "_environment.py").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {alias.name for node in imports for alias in node.names} == {"os", "sys"}
