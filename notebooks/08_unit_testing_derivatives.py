# %% [markdown]
# # Unit-testing derivatives
#
# A wrong gradient raises no error. The loss still falls, only slower, or to a worse place, and weeks later somebody
# finds a missing minus. Derivatives are functions like others, and can be tested like others: this notebook checks some
# with differences, looks at what happens at kinks, puts the checks into pytest, counts what they covered, hunts a fault
# that somebody hid in the engine, and marks a student's work.
#
# **To run it:** `pip install '.[demo]' pytest` in a checkout of gradwalk, then open it in JupyterLab or VS Code. In
# Colab, upload the wheel that `make wheel` builds, and first run `%pip uninstall -y autograd` (another package of that
# name) and `%pip install "gradwalk-0.1.0-py3-none-any.whl[demo]"` in a cell of its own.

# %%
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from autograd import Elementwise, KinkError, Tensor, check_grad, kinks, relu, where
from autograd.testing import Exercise, grade
from autograd.testing.faults import mystery
from viz import draw

rng = np.random.default_rng(0)

# %% [markdown]
# ## Differences, and the wrong question about them
#
# $$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}$$
#
# **Predict first.** The error of this formula shrinks with $h^2$. So is a smaller $h$ always a better one?

# %%
x = 1.0
errors = {}
for exponent in range(1, 14, 2):
    h = 10.0**-exponent
    errors[exponent] = abs((np.exp(x + h) - np.exp(x - h)) / (2 * h) - np.exp(x))
    print(f"h = 1e-{exponent:02}   error about 1e{np.floor(np.log10(errors[exponent])):+.0f}")
assert min(errors, key=errors.get) in (5, 7)
assert errors[13] > errors[3]

# %% [markdown]
# No. Below some $h$ the two function values agree in most of their digits, and what is left of the difference is
# rounding. Which $h$ is best, and how large an error may then remain, differs from function to function. A test with a
# fixed `h=1e-6, rtol=1e-4` is too strict for one and too mild for the next.
#
# `check_grad` takes differences on a ladder of steps, extrapolates them to a step of 0, measures the function's noise,
# and derives from both what error it would see. There is no tolerance to choose.


# %%
def standardize(x):
    """Rows of mean 0 and variance 1."""
    centred = x - x.mean(axis=1, keepdims=True)
    return centred / ((centred * centred).mean(axis=1, keepdims=True) + 1e-5).sqrt()


rows = rng.normal(size=(3, 4))
report = check_grad(standardize, rows)
assert report.passed
assert report.sensitivity < 1e-6
report

# %% [markdown]
# ## A mistake that anyone could make
#
# Somebody takes the mean out of the graph, by `.data`, "since it is only a statistic". The numbers are the same, and no
# error is raised.


# %%
def standardize_in_a_hurry(x):
    centred = x - x.data.mean(axis=1, keepdims=True)
    return centred / ((centred * centred).mean(axis=1, keepdims=True) + 1e-5).sqrt()


assert np.array_equal(standardize_in_a_hurry(Tensor(rows)).data, standardize(Tensor(rows)).data)
x = Tensor(rows, requires_grad=True)
standardize_in_a_hurry(x).sum().backward()
print("largest gradient of the sum:", f"{np.abs(x.grad).max():.2f}")

# %% [markdown]
# **Predict first.** Each row of the result adds up to 0, whatever the input. What then must the gradient of the sum be?
# And with which upstream gradient would you test instead?

# %%
right = Tensor(rows, requires_grad=True)
standardize(right).sum().backward()
assert np.abs(right.grad).max() < 1e-12
assert np.abs(x.grad).max() > 0.1

report = check_grad(standardize_in_a_hurry, rows, raises=False)
assert not report.passed
report

# %% [markdown]
# The true gradient of the sum is 0 everywhere, so `.sum()` is the poorest test there is of a normalization: many a
# mistake gives 0 as well. `check_grad` reduces nothing. It sends random upstream gradients of both signs, and asks for
# every element. And the picture shows the mean where it went: a constant in a dashed box, with no way back to $x$.

# %%
x = Tensor(rows, requires_grad=True)
draw(standardize_in_a_hurry(x), rankdir="TB", max_nodes=12)

# %% [markdown]
# ## Kinks
#
# At 0 a ReLU has no derivative, but two one-sided ones. Any number between them is a subgradient; a program has to
# choose. What is right there? The checker computes both one-sided slopes and asks that the answer lie between.

# %%
at_a_kink = np.array([-1.0, 0.0, 2.0])
report = check_grad(relu, at_a_kink)
assert report.passed
report

# %% [markdown]
# **Predict first.** Here are three ways to write $|x|$. At 0 the first has the derivative −1, the second +1, the third
# 2. Which of them are right?


# %%
def size(x):
    return where(x > 0, x, -x)


steep = Elementwise("steep", np.abs, [lambda out, x: 1.0 * (x > 0) - 1.0 * (x < 0) + 2.0 * (x == 0)])

assert check_grad(size, at_a_kink).passed
assert check_grad(lambda x: where(x >= 0, x, -x), at_a_kink).passed
report = check_grad(steep, at_a_kink, raises=False)
assert not report.passed
assert [element.label for element in report.elements] == ["input 0[1]"]
report

# %% [markdown]
# −1 and 1 are both right, 2 is not: it is the slope of nothing. Where a lesson or a test should not step on a kink at
# all, it can say so:

# %%
try:
    with kinks(relu="raise"):
        relu(Tensor(at_a_kink, requires_grad=True)).sum().backward()
    raise AssertionError("no kink was seen")
except KinkError as error:
    print(error)

# %% [markdown]
# ## In pytest
#
# gradwalk is a pytest plugin. `@pytest.mark.grad` is written like the call itself, and each line is one test. A file
# with functions, a file with tests, and a run:

# %%
FUNCTIONS = """
from autograd import maximum, where

def hinge(x):
    return maximum(x, 0.0) * maximum(x, 0.0)

def leaky(x, slope=0.1):
    return where(x > 0, x, slope * x)

def spread(x):
    return x.max(axis=-1) - x.data.min(axis=-1)
"""

TESTS = """
import numpy as np
import pytest
from functions import hinge, leaky, spread

x = np.array([[-1.0, 0.5, 2.0], [3.0, 1.0, -2.0]])

@pytest.mark.grad(hinge, x)
@pytest.mark.grad(leaky, x, slope=0.3)
@pytest.mark.grad(spread, x)
def test_gradients(grad_case):
    grad_case.check()
"""


def pytest_says(functions, tests, *options):
    """The lines that pytest prints for these two files, without its times."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "functions.py").write_text(functions)
        Path(folder, "test_functions.py").write_text(tests)
        command = [sys.executable, "-m", "pytest", "-q", "--tb=line", "--color=no", "-p", "no:cacheprovider", *options]
        environment = {**os.environ, "COLUMNS": "100"}
        ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)
        return ran.returncode, [line.partition(" in ")[0].replace(folder, "") for line in ran.stdout.splitlines()]


code, lines = pytest_says(FUNCTIONS, TESTS, "-rA")
results = [line.partition(" - ")[0] for line in lines if line.startswith(("PASSED", "FAILED"))]
print(*results, sep="\n")
assert code == 1
assert len(results) == 3
assert [line.split("[")[1].split("-")[0] for line in results if line.startswith("FAILED")] == ["spread"]

# %% [markdown]
# One test fails: `spread` has a `.data` too many. Mended, all pass.
#
# ## What did the tests cover?
#
# Line coverage says that the line `maximum(x, 0.0)` was run. It does not say whether anybody tried a tie, or a
# broadcast. Gradient coverage does: `--grad-cov` lists the branches of each derivative rule that no backward pass took.
#
# **Predict first.** Each function is tested with six different numbers of both signs. Which kind of input do these not
# have, that `max` and `maximum` may be wrong at?

# %%
MENDED = FUNCTIONS.replace("x.data.min", "x.min")


def coverage(tests, *options):
    """The rows of the coverage table of a run, printed."""
    code, lines = pytest_says(MENDED, tests, "--grad-cov", "--grad-cov-of=maximum,max,min,where", *options)
    assert code == 0, lines
    start = next(n for n, line in enumerate(lines) if line.startswith("primitive"))
    rows = [line for line in lines[start:] if "%" in line]
    print(lines[start], *rows, sep="\n")
    return {row.split()[0]: row for row in rows}


def percent(row):
    return int(row.partition("%")[0].split()[-1])


alone = coverage(TESTS, "--grad-explore=none")
assert "tie" in alone["max"]
assert "tie" in alone["maximum"]

# %% [markdown]
# Ties: the most usual place for a wrong rule of `max` to hide. That run was told to try nothing but what was written in
# the tests. Usually the checker explores around it, and then ties, zeros and large numbers need no line of their own:

# %%
explored = coverage(TESTS)
assert "tie" not in explored["max"]
assert percent(explored["all"]) > percent(alone["all"])

# %% [markdown]
# What it cannot invent is another call: other axes, shapes that broadcast. Write those, and have the next run fail if
# coverage falls again.

# %%
MORE = TESTS.replace(
    "def test_gradients",
    """@pytest.mark.grad(maximum, x, x[0], id="broadcast")
@pytest.mark.grad(lambda x: x.max(axis=(0, 1), keepdims=True), x, id="several axes")
@pytest.mark.grad(lambda x: x.min(), x, id="all axes")
def test_gradients""",
).replace("from functions", "from autograd import maximum\nfrom functions")
written = coverage(MORE, "--grad-cov-fail-under=45")
assert all(percent(written[name]) >= percent(explored[name]) for name in explored)
assert percent(written["max"]) > percent(explored["max"])

# %% [markdown]
# ## A hunt
#
# The fault lab holds 115 mistakes that were made in real programs, or could be. `mystery` switches one on in the engine
# and does not say which. Something is now wrong; where? Begin with a layer that uses several operations.


# %%
def layer(x, w, b):
    return (x @ w + b).tanh()


inputs = rng.normal(size=(3, 2)), rng.normal(size=(2, 4)), rng.normal(size=4)
with mystery(seed=2, family="structural") as case:
    tensors = [Tensor(each, requires_grad=True, name=name) for each, name in zip(inputs, "xwb", strict=True)]
    layer(*tensors).backward(np.ones((3, 4)))
    found = [each.grad.copy() for each in tensors]

expected = [Tensor(each, requires_grad=True, name=name) for each, name in zip(inputs, "xwb", strict=True)]
layer(*expected).backward(np.ones((3, 4)))
for name, wrong, good in zip("xwb", found, expected, strict=True):
    told = "right" if np.allclose(wrong, good.grad) else f"{(wrong / good.grad).ravel()[0]:.3f} of what it should be"
    print(f"gradient of {name}: {told}")

# %% [markdown]
# **Predict first.** $x$ and $w$ have the right gradients, $b$ has a third of its own. There are three rows. Which
# operation stands between $b$ and the sum, and between nothing else?

# %%
with mystery(seed=2, family="structural") as case:
    assert not case.guess("add")
    assert case.guess("broadcast_to")
    report = check_grad(lambda x, b: x + b, inputs[0] @ inputs[1], inputs[2], raises=False)
    fault = case.reveal()
print(f"{fault.title}\n{fault.story}")
assert report.places[0].operation == "broadcast_to"
assert check_grad(layer, *inputs).passed  # the engine is as before
draw(layer(*expected), of=expected[2])

# %% [markdown]
# $b$ is copied into three rows first, and that is a node of its own: so a fault of broadcasting can be told from one of
# the addition. `docs/faults.md` lists the other faults, and tells how a class can hunt together.
#
# ## A student's backward pass, marked
#
# An exercise is a function with its right version. The gradient that a student's backward pass returns is compared with
# differences of the *reference*, and then held to what every backward pass owes.


# %%
def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def affine(x, w, b):
    return x @ w + b


SPEC = [
    Exercise("softmax", (rng.normal(size=(2, 3)),), softmax, points=3),
    Exercise("affine", inputs, affine, points=5),
]


def softmax_back_of_lise(dout, x, y):
    return dout * y * (1 - y)  # the diagonal of the Jacobian alone


def affine_back_of_lise(dout, x, w, b):
    return dout @ w.T, x.T @ dout, dout.mean(axis=0)


lise = {
    "softmax": softmax, "softmax_back": softmax_back_of_lise, "affine": affine, "affine_back": affine_back_of_lise,
}  # fmt: skip
carl = lise | {
    "softmax_back": lambda dout, x, y: y * (dout - (dout * y).sum(axis=1, keepdims=True)),
    "affine_back": lambda dout, x, w, b: (dout @ w.T, x.T @ dout, dout.sum(axis=0)),
}
grades = grade({"Lise": lise, "Carl": carl}, SPEC)
wrong = [(mark.student, mark.exercise, mark.part) for mark in grades if mark.verdict == "wrong"]
assert wrong == [("Lise", "softmax", "x"), ("Lise", "affine", "b")]
grades

# %% [markdown]
# ## What to take along
#
# - Do not choose `h` and a tolerance; have them measured.
# - Test with random upstream gradients, at zeros, at ties, and with every element. A sum hides what cancels.
# - A test that was never seen to fail has not been tested. Hide a fault, and see.
