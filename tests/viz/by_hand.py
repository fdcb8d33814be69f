"""Pictures made by hand: every kind of box, every mark, arrays as colours, whatever graphs there are."""

from viz.picture import HeatMap, Picture, PictureCluster, PictureEdge, PictureNode

NAN, INF = float("nan"), float("inf")

VALUES = HeatMap("value", "[0]", ((1.0, -2.0, 0.0), (0.5, NAN, INF)), 2.0)
GRADIENTS = HeatMap("gradient", "", ((0.25, -0.5, 0.0), (0.0, 0.125, 0.0)), 0.5)


def every_kind() -> Picture:
    nodes = (
        PictureNode("n0", "leaf", False, "w", value=("(2, 3) float64", "−2 … 1"), gradient="−0.5 … 0.25",
                    heat=(VALUES, GRADIENTS)),
        PictureNode("n1", "constant", False, "2"),
        PictureNode("n2", "constant", False, "x", value=("3",)),
        PictureNode("n3", "leaf", False, "a", value=("2",), gradient="−1", terms=("−4", "3")),
        PictureNode("n4", "group", False, "h", "conv2d", "conv2d (5 nodes)", ("1.5",), "0", cluster="c1", count=60,
                    times=12, mark="dead", note="relu is closed: −2 ≤ 0"),
        PictureNode("n5", "class", False, "V₁", "×", "w·x", ("1 … 20, mean 10.5",), "—", count=36, times=36,
                    cluster="c1"),
        PictureNode("n6", "sum", False, "V₂", "Σ", "Σ of 36 terms", ("6.295",), "1", count=36,
                    note="1.4 + 1.2 + 34 more"),
        PictureNode("n7", "more", False, "… 1,200 more nodes", count=1200),
        PictureNode("n8", "value", False, "v₁", "^", "a²", ("4",), "0.5", mark="path", cluster="c0"),
        PictureNode("n9", "value", True, "L", "tanh", "tanh(V₂)", ("1",), "1", mark="wrong"),
    )  # fmt: skip
    edges = (
        PictureEdge("e0", "n0", "n4", None, True, uses=5, contribution="−0.3"),
        PictureEdge("e1", "n1", "n4", None, False),
        PictureEdge("e2", "n2", "n5", None, False, uses=36),
        PictureEdge("e3", "n4", "n5", None, True, uses=36, mark="dead"),
        PictureEdge("e4", "n3", "n8", 0, True, "2·a", "−8", "0.5", "−4", mark="path"),
        PictureEdge("e5", "n3", "n6", 0, True, "1", "1", "3", "3"),
        PictureEdge("e6", "n5", "n6", None, True, uses=36),
        PictureEdge("e7", "n7", "n6", None, True),
        PictureEdge("e8", "n6", "n5", None, True, uses=35),
        PictureEdge("e9", "n8", "n9", 0, True, "1 − L²", "0.5", "1", "0.5", mark="path"),
        PictureEdge("e10", "n6", "n9", 1, True, "1 − L²", "0.5", "1", "0.5", mark="wrong"),
        PictureEdge("e11", "n6", "n9", 2, True, "exp", "", "", "[1, 2]"),
    )
    clusters = (PictureCluster("c0", "model", None, 0), PictureCluster("c1", "blocks", "c0", 1))
    return Picture(nodes, edges, clusters, "Computation graph of L", "1,300 nodes as 10 boxes", 1300)
