"""The pictures of the README and the docs show what the drawing code draws now."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def images() -> ModuleType:
    specification = importlib.util.spec_from_file_location("make_images", ROOT / "docs" / "make_images.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def without_coordinates(svg: str) -> str:
    """Another version of the layout engine may place the same boxes elsewhere."""
    return re.sub(r' (x|y|d|points|width|height|viewBox|transform)="[^"]*"', "", svg)


@pytest.mark.uncounted
@pytest.mark.parametrize("kept", sorted((ROOT / "docs" / "images").glob("*.svg")), ids=lambda path: path.stem)
def test_each_picture_is_drawn_as_in_its_file(embedded: None, images: ModuleType, kept: Path) -> None:
    drawn = images.svg(images.PICTURES[kept.stem]())
    assert without_coordinates(drawn) == without_coordinates(kept.read_text(encoding="utf-8"))


def test_every_picture_has_its_file_and_is_shown(images: ModuleType) -> None:
    pages = "".join((ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "docs/pictures.md"))
    for name in images.PICTURES:
        assert (ROOT / "docs" / "images" / f"{name}.svg").is_file()
        assert f"images/{name}.svg" in pages


def test_the_neuron_shows_its_gradient() -> None:
    assert "grad −1.5" in (ROOT / "docs" / "images" / "neuron.svg").read_text(encoding="utf-8")
