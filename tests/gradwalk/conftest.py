"""One short run of the demo, whose page every test here may read."""

from pathlib import Path

import pytest

from tests.gradwalk.page_reader import Run


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two epochs: enough for a curve, and few enough for a good number of mistakes."""
    pytest.importorskip("sklearn", reason="the digits come with scikit-learn")
    from gradwalk.demo import run_demo

    folder = tmp_path_factory.mktemp("demo")
    return Run(run_demo(folder, seed=3, epochs=2, quiet=True), Path(folder))
