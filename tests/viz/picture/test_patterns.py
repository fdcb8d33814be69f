"""Names that differ in numbers alone, written as one."""

import pytest

from viz.picture.patterns import common_name, pattern_of, tail


@pytest.mark.parametrize(
    "names, common",
    [
        (["w"], "w"),
        (["w[0]", "w[1]", "w[2]"], "w[0…2]"),
        (["w[2]", "w[0]", "w[1]", "w[0]"], "w[0…2]"),  # whatever the order, however often
        ([f"layers[{i}].w[{j}]" for i in range(3) for j in range(12)], "layers[0…2].w[0…11]"),
        (["w[0]", "w[3]"], "w[0, 3]"),
        (["w[0]", "w[1]", "w[5]"], "w[0, 1, 5]"),
        (["w[0]", "w[1]", "w[5]", "w[7]"], "w[…]"),
        (["x[9]", "x[10]", "x[11]"], "x[9…11]"),  # as numbers, not as text
        (["x01", "x02"], "x01…02"),
        (["0.5", "1.5"], "0…1.5"),
        (["a", "b"], ""),
        (["w[0]", "w"], ""),
        (["w[0]", "v[1]"], ""),
        (["step ١", "step ٢"], ""),  # digits of other scripts are letters here
    ],
)
def test_the_common_name(names: list[str], common: str) -> None:
    assert common_name(names) == common


def test_patterns_ignore_numbers() -> None:
    assert pattern_of("layers.3") == pattern_of("layers.12")
    assert pattern_of("layers.3") != pattern_of("layer.3")


@pytest.mark.parametrize(
    "name, last",
    [
        ("model.layers[0].neurons[0…15].w[0…1]", "w"), ("conv1.weight", "weight"), ("w[3]", "w[3]"), ("V₁₂", "V₁₂"),
        ("inputs[0…99][0…1]", "inputs"), ("0.5", "0.5"), ("1e−5", "1e−5"), ("x…", "x…"), ("[…]", "[…]"), ("δ.ε", "ε"),
        ("model.layers[0…15].w[0, 2]", "w[0, 2]"), ("a.b", "b"), ("−0.25", "−0.25"),
    ],
)  # fmt: skip
def test_the_last_part_of_a_name(name: str, last: str) -> None:
    assert tail(name) == last
