"""The page's first part: a network worked by hand, its graph, its gradients and its slips."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradwalk.demo.findings import Descent, GraphPicture, Route, WorkedExample
from gradwalk.page.markup import Markup, element, join
from gradwalk.page.wording import counted, fixed, power_of_ten, typeset
from gradwalk.seed003 import IMAGE, LEARNING_RATE, Row

__all__ = ["gradients_section", "symbol_markup"]

# Which rows are headed by which title: the first pattern that a symbol matches.
GROUPS = (
    ("The outputs", r"o\d_(out|in)"),
    ("Weights and biases of the output layer", r"Wh\do\d|bo\d"),
    ("The hidden units", r"h\d_out"),
    ("Weights and biases of the hidden layer", r"Wx\dh\d|bh\d"),
    ("The pooled inputs", r"x\d"),
    ("The first kernel and its bias", r"W1\(.*|b_w1"),
    ("The second kernel and its bias", r"W2\(.*|b_w2"),
)
PLOT_WIDTH, PLOT_HEIGHT, PLOT_MARGIN = 132.0, 20.0, 7.0


def gradients_section(worked: WorkedExample) -> Markup:
    """The section about the hand-worked network."""
    return element(
        "section",
        element("h2", "A network worked by hand", id="by-hand-title"),
        _introduction(worked),
        _graph_figure(worked.picture),
        element("h3", "Every gradient, beside the document’s"),
        _verdict(worked),
        element("div", _table(worked.rows), _slips(worked), class_="beside"),
        element("h3", "Where the other half went"),
        _routes(worked.routes),
        element("h3", "A wrong gradient can point downhill"),
        _descent(worked.descent),
        id="by-hand",
        aria_labelledby="by-hand-title",
    )


def _introduction(worked: WorkedExample) -> Markup:
    return element(
        "p",
        f"The network comes from a document that works it out on paper: a {len(IMAGE)} × {len(IMAGE[0])} image, two "
        f"convolution kernels, max pooling, two hidden units with ReLU, softmax, cross-entropy, ",
        counted(worked.parameters, "weight and bias", "weights and biases"),
        ". Its forward pass is right. Its backward pass is not.",
    )


def _graph_figure(picture: GraphPicture) -> Markup:
    if picture.svg:
        caption = (
            "The chain rule as a graph, from the pooled inputs down to the loss. Each box holds its value in green and "
            "its gradient, ∂E/∂box, in red; each edge holds the local derivative that the gradient is multiplied by on "
            "its way back up. Where several edges leave a box, what returns along them adds up."
        )
        body = element(
            "div",
            _without_namespace(picture.svg),
            class_="scroll graph",
            tabindex=0,
            role="group",
            aria_label="The graph",
        )
        words = element(
            "details", element("summary", "The same graph as text"), element("pre", picture.text, class_="scroll")
        )
        return element("figure", body, element("figcaption", caption), words, class_="wide")
    remark = element("p", picture.remark, class_="notice")
    text = element("pre", picture.text, class_="scroll", tabindex=0, role="group", aria_label="The graph as text")
    caption = "The chain rule from the pooled inputs to the loss, as text."
    return element("figure", remark, text, element("figcaption", caption), class_="wide")


def _without_namespace(svg: str) -> Markup:
    """An SVG file's text as HTML has it, where the element needs no declaration."""
    return Markup(svg.replace(' xmlns="http://www.w3.org/2000/svg"', ""))


def _verdict(worked: WorkedExample) -> Markup:
    total = len(worked.rows)
    return element(
        "p",
        f"Of the {total} gradients that the document prints, ",
        element("strong", f"{worked.wrong} are not the gradient"),
        f"; {worked.only_rounded} are off in the last digit only, and {worked.agreeing} agree. With the slips made on "
        f"purpose, the same arithmetic gives ",
        element("strong", f"{worked.reproduced} of {total}"),
        " printed numbers to the last digit; without them it gives autograd’s, all within ",
        power_of_ten(worked.largest_gap),
        ".",
    )


def _table(rows: Sequence[Row]) -> Markup:
    head = element(
        "tr",
        element("th", "∂E / ∂…", scope="col"),
        element("th", element("span", "true", class_="key true"), scope="col", class_="number"),
        element("th", element("span", "document", class_="key document"), scope="col", class_="number"),
        element("th", "to scale, by group", scope="col", class_="plot"),
        element("th", "why it differs", scope="col"),
    )
    bodies = [_group_body(title, group) for title, group in _grouped(rows)]
    caption = element("caption", "Autograd’s gradients and the document’s", class_="unseen")
    table = element("table", caption, element("thead", head), *bodies, class_="gradients")
    return element("div", table, class_="scroll")


def _grouped(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        title = next((title for title, pattern in GROUPS if re.fullmatch(pattern, row.symbol)), "Others")
        groups.setdefault(title, []).append(row)
    return list(groups.items())


def _group_body(title: str, rows: Sequence[Row]) -> Markup:
    scale = max(max(abs(row.true), abs(float(row.document))) for row in rows) or 1.0
    heading = element("tr", element("th", title, colspan=5, scope="rowgroup"), class_="group")
    return element("tbody", heading, *(_row(row, scale) for row in rows))


def _row(row: Row, scale: float) -> Markup:
    document = row.document.replace("-", "\N{MINUS SIGN}")
    slips = [element("a", slip, href=f"#{_slip_id(slip)}", class_="slip") for slip in row.slip.split(", ") if slip]
    return element(
        "tr",
        element("th", symbol_markup(row.symbol), scope="row"),
        element("td", fixed(row.true) if row.true else "0", class_="number"),
        element("td", document, class_="number"),
        element("td", _dots(row, scale), class_="plot"),
        element("td", join(slips) if slips else element("span", "agrees", class_="agrees")),
        data_symbol=row.symbol,
        data_true=repr(row.true),
    )


def _dots(row: Row, scale: float) -> Markup:
    """Both numbers on one axis: a disc for the true one, a ring for the document's, a line for what is between."""
    half = PLOT_WIDTH / 2 - PLOT_MARGIN
    true, document = (round(PLOT_WIDTH / 2 + half * x / scale, 1) for x in (row.true, float(row.document)))
    middle, centre = PLOT_WIDTH / 2, PLOT_HEIGHT / 2
    return element(
        "svg",
        element("line", class_="zero", x1=middle, x2=middle, y1=2, y2=PLOT_HEIGHT - 2),
        element("line", class_="gap", x1=true, x2=document, y1=centre, y2=centre),
        element("circle", class_="true", cx=true, cy=centre, r=3.6),
        element("circle", class_="document", cx=document, cy=centre, r=5.4),
        viewBox=f"0 0 {PLOT_WIDTH:g} {PLOT_HEIGHT:g}",
        aria_hidden="true",
    )


def symbol_markup(symbol: str) -> Markup:
    """A symbol as mathematics is printed, its indices below the line.

    >>> symbol_markup("Wh1o2")
    '<var>W</var><sub>h1o2</sub>'
    >>> symbol_markup("b_w1"), symbol_markup("o1_in"), symbol_markup("W1(2,1)")
    ('<var>b</var><sub>w1</sub>', '<var>o1</var><sub>in</sub>', '<var>W</var><sub>1</sub>(2,1)')
    """
    match = re.fullmatch(r"([a-z]\d(?=_)|[A-Za-z])_?(\w*)(.*)", symbol)
    if match is None:
        return element("var", symbol)
    letter, index, place = match.groups()
    return join([element("var", letter), element("sub", index) if index else "", place])


def _slips(worked: WorkedExample) -> Markup:
    parts: list[Markup] = []
    for name, explanation in worked.slips.items():
        touched = sum(name in row.slip.split(", ") for row in worked.rows)
        parts.append(
            element("dt", element("span", name, class_="slip"), " ", counted(touched, "gradient"), id=_slip_id(name))
        )
        parts.append(element("dd", typeset(explanation)))
    return element("aside", element("h4", "The slips"), element("dl", *parts, class_="slips"), aria_label="The slips")


def _slip_id(name: str) -> str:
    return "slip-" + re.sub(r"[^a-z0-9]+", "-", name.lower())


def _routes(routes: Sequence[Route]) -> Markup:
    """The sum over both ways to o1_in, with the one that the document left out."""
    head = element(
        "tr",
        element("th", "the way", scope="col"),
        element("th", "upstream × local derivative", scope="col", class_="number"),
        element("th", "product", scope="col", class_="number"),
        element("th", "in the document", scope="col"),
    )
    rows = [
        element(
            "tr",
            element("th", "through ", symbol_markup(route.through), scope="row"),
            element("td", f"{fixed(route.upstream)} × {fixed(route.local)}", class_="number"),
            element("td", fixed(route.product), class_="number"),
            element("td", "yes") if route.in_document else element("td", element("span", "left out", class_="slip")),
        )
        for route in routes
    ]
    total = element(
        "tr",
        element("th", "∂E / ∂", symbol_markup("o1_in"), scope="row", colspan=2),
        element("td", fixed(sum(route.product for route in routes)), class_="number"),
        element("td"),
    )
    words = element(
        "p",
        "The chain rule adds up every way from a node to the loss. Softmax divides by the sum over both outputs, so ",
        symbol_markup("o1_in"),
        " moves both, and two ways lead back to it. The document follows one.",
    )
    table = element("table", element("thead", head), element("tbody", *rows), element("tfoot", total), class_="plain")
    return element("div", words, element("div", table, class_="scroll"))


def _descent(descent: Descent) -> Markup:
    def fall(after: float) -> str:
        return fixed(after - descent.before)

    head = element("tr", *(element("th", text, scope="col") for text in ("one step along", "loss after", "change")))
    steps = (("the document’s gradient", descent.after_document), ("the true gradient", descent.after_true))
    rows = [
        element(
            "tr",
            element("th", name, scope="row"),
            element("td", fixed(after), class_="number"),
            element("td", fall(after), class_="number"),
        )
        for name, after in steps
    ]
    words = element(
        "p",
        f"From a loss of {fixed(descent.before)}, one step of gradient descent with learning rate {LEARNING_RATE:g} "
        f"lowers it by either gradient. A falling loss is no proof that the gradient is right; a comparison, number by "
        f"number, is.",
    )
    return element("div", words, element("table", element("thead", head), element("tbody", *rows), class_="plain"))
