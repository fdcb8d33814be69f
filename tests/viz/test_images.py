"""The README's pictures show what the drawing code draws now."""

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


def test_the_neuron_is_drawn_as_in_the_file(embedded: None, images: ModuleType) -> None:
    kept = (ROOT / "docs" / "images" / "neuron.svg").read_text(encoding="utf-8")
    assert "grad −1.5" in kept
    assert without_coordinates(images.svg(images.neuron())) == without_coordinates(kept)
