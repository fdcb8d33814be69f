"""The picture as two tables: each box and each arrow has its row."""

from autograd import Tensor, Value, scope
from tests.viz.examples import EXAMPLES
from tests.viz.formats.by_hand import picture_edge, picture_node
from viz import Picture, draw
from viz.formats.table import tables, to_table


def test_every_box_and_every_arrow_has_its_row_in_order() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    with scope("unit"):
        h = x * y
    z = h - x * 4.0
    z.backward()
    nodes, edges = tables(draw(z, names={"h": h, "z": z}).picture)
    assert nodes.headings == ("node", "operation", "value", "gradient", "scope")
    assert nodes.rows == (
        ("x", "leaf", "2", "−4 + 3 = −1", ""),
        ("y", "leaf", "3", "2", ""),
        ("h", "x·y", "6", "1", "unit"),
        ("4", "constant", "4", "const", ""),
        ("v₁", "x·4", "8", "−1", ""),
        ("z", "h − v₁", "−2", "1", ""),
    )
    assert edges.headings == ("from", "to", "argument", "local derivative", "upstream", "contribution")
    assert edges.rows == (
        ("x", "h", "1", "y = 3", "1", "3"),
        ("y", "h", "2", "x = 2", "1", "2"),
        ("x", "v₁", "1", "4", "−1", "−4"),
        ("4", "v₁", "2", "", "", ""),
        ("h", "z", "1", "1", "1", "1"),
        ("v₁", "z", "2", "−1", "1", "−1"),
    )


def test_before_a_pass_there_are_no_columns_of_a_pass() -> None:
    nodes, edges = tables(EXAMPLES["before_backward"]().picture)
    assert {row[3] for row in nodes.rows} == {"—"}
    assert edges.headings == ("from", "to", "argument", "local derivative")


def test_boxes_of_one_name_are_told_apart_by_their_ids() -> None:
    y = Value(1.0, "a") + Value(2.0, "a")
    nodes, edges = tables(draw(y, names={}).picture)
    assert [row[0] for row in nodes.rows] == ["a (n0)", "a (n1)", "v₁"]
    assert [row[:2] for row in edges.rows] == [("a (n0)", "v₁"), ("a (n1)", "v₁")]


def test_marks_and_reasons_are_told() -> None:
    x = Value(-2.0, "x")
    y = x.relu() + 1.0
    y.backward()
    nodes, edges = tables(draw(y, names={}, highlight=[y.parents[0], y], wrong=y).picture)
    assert nodes.headings[-2:] == ("mark", "note")
    assert nodes.rows[0][-2:] == ("∅ dead", "relu is closed: −2 ≤ 0")
    assert [row[-2] for row in nodes.rows] == ["∅ dead", "► path", "", "✗ wrong"]
    assert [row[-1] for row in edges.rows] == ["∅ dead", "► path", ""]


def test_what_stands_for_several_says_how_many() -> None:
    boxes = (
        picture_node("n0", kind="class", name="w", count=64, times=64),
        picture_node("n1", kind="group", name="h", count=60, times=12),
        picture_node("n2", kind="sum", name="z", count=1200, is_root=True),
        picture_node("n3", name="alone"),
    )
    arrows = (picture_edge("e0", "n0", "n1", uses=1500), picture_edge("e1", "n1", "n2"))
    nodes, edges = tables(Picture(boxes, arrows, (), "folded", total=1325))
    assert [row[-1] for row in nodes.rows] == ["64 nodes", "12 × 5 nodes", "1,200 nodes", ""]
    assert edges.headings == ("from", "to", "uses")
    assert [row[-1] for row in edges.rows] == ["1,500", ""]


def test_an_array_has_shape_and_range_in_one_cell() -> None:
    loss = (Tensor([1.0, 2.0, 3.0, 4.0, 5.0], requires_grad=True, name="x") * 2.0).sum()
    loss.backward()
    nodes, _ = tables(draw(loss, names={}).picture)
    assert nodes.rows[0] == ("x", "leaf", "(5,) float64; 1 … 5", "all 2")


def test_the_text_has_both_tables_and_the_notice() -> None:
    y = Value(1.0, "x").exp().log()
    drawing = draw(y, names={}, of=y.parents[0])
    assert drawing.table == to_table(drawing.picture)
    assert drawing.table.splitlines() == [
        "node  operation  value  gradient",
        "v₁    e^x        2.718  —",
        "v₂    log(v₁)    1      —",
        "",
        "from  to  argument  local derivative",
        "v₁    v₂  1         1/v₁ = 0.3679",
        "",
        "2 of 3 nodes: those on the paths from v₁",
    ]


def test_a_single_leaf_has_no_table_of_arrows() -> None:
    assert draw(Value(2.0, "a"), names={}).table == "node  operation  value  gradient\na     leaf       2      —"
