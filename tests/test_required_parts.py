"""With GRADWALK_REQUIRE_ALL=1, a skip is a failure: in a test, in its fixture, by a mark, at a module's import."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

CONFTEST = Path(__file__).with_name("conftest.py")

SKIPPING = {
    "test_at_import.py": """
        import pytest
        absent = pytest.importorskip("no_such_module", reason="no oracle at import")
        def test_never_reached():
            pass
    """,
    "test_inside.py": """
        import pytest
        def test_skips():
            pytest.skip("no oracle inside")
    """,
    "test_mark.py": """
        import pytest
        @pytest.mark.skipif(True, reason="no oracle by mark")
        def test_skips():
            pass
    """,
    "test_fixture.py": """
        import pytest
        @pytest.fixture
        def browser():
            pytest.skip("no oracle in fixture")
        def test_skips(browser):
            pass
    """,
}


def run_pytest(directory: Path, sources: dict[str, str], require_all: str) -> subprocess.CompletedProcess[str]:
    (directory / "conftest.py").write_text(CONFTEST.read_text(encoding="utf-8"), encoding="utf-8")
    for name, source in sources.items():
        (directory / name).write_text(textwrap.dedent(source), encoding="utf-8")
    environment = {**os.environ, "GRADWALK_REQUIRE_ALL": require_all}
    options = ["-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", "--rootdir", str(directory), "."]
    command = [sys.executable, "-m", "pytest", *options]
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)


def test_each_skip_fails_where_all_parts_are_required(tmp_path: Path) -> None:
    result = run_pytest(tmp_path, SKIPPING, require_all="1")
    assert result.returncode == 1
    assert "1 failed, 3 errors in" in result.stdout
    for reason in ("at import", "inside", "by mark", "in fixture"):
        assert f"GRADWALK_REQUIRE_ALL=1 requires every part: no oracle {reason}" in result.stdout


def test_a_skip_stays_a_skip_otherwise(tmp_path: Path) -> None:
    result = run_pytest(tmp_path, SKIPPING, require_all="")
    assert result.returncode == 0
    assert "4 skipped in" in result.stdout


def test_what_the_platform_lacks_and_what_is_expected_to_fail_stay_as_they_are(tmp_path: Path) -> None:
    source = """
        import pytest
        @pytest.mark.skipif(True, reason="not on this platform: needs fork")
        def test_platform():
            pass
        @pytest.mark.xfail(reason="known")
        def test_expected():
            assert False
        def test_passes():
            pass
    """
    result = run_pytest(tmp_path, {"test_sample.py": source}, require_all="1")
    assert result.returncode == 0
    assert "1 passed, 1 skipped, 1 xfailed" in result.stdout
