# %% [markdown]
# # Your own primitive
#
# An engine that knows forty functions is soon asked for the forty-first. In most of them a new one means a forward
# pass, a backward pass, a second one for scalars, something for the picture, and a test for each. Here it is one
# declaration. This notebook declares a function, and then sees it drawn, stepped, explained, differentiated twice,
# checked and recorded; breaks it in three ways, and sees each found.
#
# **To run it:** `pip install '.[demo]'` in a checkout of gradwalk, then open it in JupyterLab or VS Code. In Colab,
# upload the wheel that `make wheel` builds, and first run `%pip uninstall -y autograd` (another package of that name)
# and `%pip install "gradwalk-0.1.0-py3-none-any.whl[demo]"` in a cell of its own.

# %%
import math

import numpy as np

import nn
import nn.functional as F
from autograd import Elementwise, Linear, Tensor, Value, Walk, check_grad, explain, grad, hessian
from autograd.errors import GradientError
from autograd.replay import record
from viz import draw, play

# %% [markdown]
# ## Declared
#
# The bell curve, $\operatorname{bell}(x) = e^{-x^2}$. **Predict first.** What is its derivative, written with the
# function itself?

# %%
bell = Elementwise(
    "bell",
    lambda x: np.exp(-x * x),  # forwards, on arrays
    [lambda out, x: -2 * x * out],  # the local derivative, of the result and the argument
    scalar=lambda x: math.exp(-x * x),  # optional: a quicker way for a single number
)
print("∂bell/∂x =", bell.local_text(0))
assert bell.local_text(0) == "−2·x·bell(x)"

# %% [markdown]
# Nobody wrote that formula down as text. The rule was handed symbols instead of numbers, and what came back is what it
# does. So the label in a picture cannot say anything else than the rule.
#
# ## Used, drawn, explained
#
# It takes numbers, `Value`s, `Tensor`s, and lists of `Value`s.

# %%
x, w = Value(0.5, "x"), Value(1.5, "w")
y = bell(w * x) * x
y.name = "y"
y.backward()
assert math.isclose(bell(0.5), math.exp(-0.25))
slope = (1 - 2 * 0.75**2) * math.exp(-(0.75**2))  # by the product rule, on paper
assert math.isclose(x.grad, slope, rel_tol=1e-12)
draw(y)

# %% [markdown]
# The derivation as on paper, made from the same line:

# %%
explain(y, x)

# %% [markdown]
# And step by step, stopped at the new operation; then as a film.

# %%
y = bell(w * x) * x
walk = Walk(y)
step = walk.run(until="bell")
assert math.isclose(step.local, -2 * 0.75 * math.exp(-(0.75**2)))
walk

# %%
play(y)

# %% [markdown]
# ## Differentiated again
#
# The rule is made of operations that the engine knows (a product, and `bell` itself). Applied to nodes instead of
# numbers it leaves a graph of the derivative, which can be differentiated as well. **Predict first.** Where is the
# second derivative of the bell curve 0?
#
# $$\operatorname{bell}''(x) = (4x^2 - 2)\, e^{-x^2}$$

# %%
second = grad(grad(bell))
third = grad(second)
for point in (0.0, math.sqrt(0.5), 1.0):
    print(f"x = {point:.3f}   bell'' = {second(point):+.4f}   bell''' = {third(point):+.4f}")
    assert math.isclose(second(point), (4 * point**2 - 2) * math.exp(-(point**2)), abs_tol=1e-12)
    assert math.isclose(third(point), (12 * point - 8 * point**3) * math.exp(-(point**2)), abs_tol=1e-12)

curvature = hessian(lambda x: bell(x).sum())(np.array([0.0, 0.5, 1.0]))
assert np.allclose(curvature, np.diag([second(point) for point in (0.0, 0.5, 1.0)]))

# %% [markdown]
# At $\sqrt{1/2}$, where the curve turns from hill to slope.
#
# ## Checked
#
# `check_grad` knows nothing of the rule. It sees numbers go in and come out, takes differences, and compares: the first
# derivative, and with `order=2` the second one too.

# %%
points = np.linspace(-2, 2, 7)
report = check_grad(bell, points, order=2)
assert report.passed
report

# %% [markdown]
# ## Broken, three times
#
# First the commonest slip: a factor that was forgotten.


# %%
def broken(rule, forward=lambda x: np.exp(-x * x)):
    """The bell curve with another derivative, under a name of its own."""
    return Elementwise("broken_bell", forward, [rule])


def what_is_wrong(rule):
    try:
        check_grad(broken(rule), points)
    except GradientError as error:
        return error.report
    raise AssertionError("the checker saw nothing")


report = what_is_wrong(lambda out, x: -x * out)
assert report.causes[0] == "half"
assert report.places[0].operation == "broken_bell"
report

# %% [markdown]
# The operation is named, and the factor. Second, a lost sign:

# %%
report = what_is_wrong(lambda out, x: 2 * x * out)
assert report.causes[0] == "sign"
print(*report.diagnosis, sep="\n")

# %% [markdown]
# **Predict first.** Third, a derivative that is right in value and wrong as a rule: it takes the number out of the
# node, so that the gradient is a constant. Which check can see that?


# %%
def number(x):
    return x.data if isinstance(x, Tensor | Value) else x


frozen = broken(lambda out, x: -2 * number(x) * number(out))
print("first derivative", f"{grad(frozen)(0.5):.4f}", " of the right one", f"{grad(bell)(0.5):.4f}")
assert grad(frozen)(0.5) == grad(bell)(0.5)
report = check_grad(frozen, points, order=2, raises=False)
assert not report.passed
print(*[finding.message for finding in report.faults[:1]], sep="\n")

# %% [markdown]
# Only that of the second order. (Second derivatives of a broken rule are a usual place for errors that nobody meets for
# years: most training needs the first.)
#
# ## Two arguments
#
# One local derivative for each. Where shapes differ, a broadcast is recorded in front of the operation, and sums the
# gradient on the way back; the rule need not know of it. Here is a bell of sharpness $s$:

# %%
sharp_bell = Elementwise(
    "sharp_bell",
    lambda x, s: np.exp(-(s * x) * (s * x)),
    [lambda out, x, s: -2 * s * s * x * out, lambda out, x, s: -2 * s * x * x * out],
)
print("∂/∂x =", sharp_bell.local_text(0, ["x", "s"]), "   ∂/∂s =", sharp_bell.local_text(1, ["x", "s"]))
places = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]])
assert check_grad(sharp_bell, places, np.array([1.0, 2.0, 0.5])).passed

at, sharpness = Tensor(places, requires_grad=True), Tensor([1.0, 2.0, 0.5], requires_grad=True)
total = sharp_bell(at, sharpness).sum()
total.backward()
assert sharpness.grad.shape == (3,)
draw(total)

# %% [markdown]
# (A bell of *width* $s$, with $x/s$ in it, would not have passed: among the inputs that the checker tries on its own is
# a width of 0.)
#
# ## A rule for whole arrays
#
# Not every operation acts element by element. A *linear* one is declared by its transpose: what is spread forwards is
# gathered backwards. Here is a running mean that forgets, as optimizers and audio filters have it:
#
# $$y_t = \tfrac12\, y_{t-1} + \tfrac12\, x_t$$
#
# **Predict first.** Forwards it runs from the first number to the last, and $x_t$ counts in $y_t$ and in everything
# after it. Which way does the backward pass run?


# %%
def running_mean(x):
    y, last = np.empty_like(x), 0.0
    for t, number in enumerate(x):
        last = y[t] = 0.5 * last + 0.5 * number
    return y


smooth = Linear("smooth", running_mean, [lambda g, x: smooth(g[::-1])[::-1]])

signal = np.array([1.0, -2.0, 0.5, 3.0, 0.0])
assert check_grad(smooth, signal, order=2).passed
assert not check_grad(Linear("smooth_wrong", running_mean, [lambda g, x: smooth(g)]), signal, raises=False).passed
one_late = Tensor(signal, requires_grad=True)
smooth(one_late)[4].backward()
print("what the last mean asks of each number:", one_late.grad)
assert one_late.grad.tolist() == [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2]

# %% [markdown]
# From the last to the first: the same filter, run in reverse. `Reduction` declares sums and the like, and `Whole`
# functions of matrices, such as an inverse.
#
# ## Recorded
#
# A declared primitive is known to the recorder, too: a program calls its rule, and carries batches.

# %%
program = record(lambda x, w: bell(w * x) * x, Value(0.5), Value(1.5))
value, (by_x, by_w) = program.value_and_grad(np.array([0.5, 1.0, 2.0]), 1.5)
print(program)
assert math.isclose(by_x[0], slope, rel_tol=1e-12)
assert math.isclose(value[1], math.exp(-2.25))

# %% [markdown]
# ## In a network
#
# Eight bells instead of eight ReLUs, on a disc inside a ring, which no straight line divides.

# %%
rng = np.random.default_rng(0)
angles, radii = rng.uniform(0, 2 * np.pi, size=200), np.repeat([0.5, 1.5], 100) + rng.normal(size=200) * 0.15
inside_or_out = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
answers = np.repeat([0, 1], 100)


class Bells(nn.Module):
    """Two layers, with bells between them."""

    def __init__(self, rng):
        super().__init__()
        self.first, self.second = nn.Linear(2, 8, rng=rng), nn.Linear(8, 2, rng=rng)

    def forward(self, x):
        return self.second(bell(self.first(x)))


model = Bells(rng)
assert nn.check_gradients(model, (inside_or_out[:5], answers[:5]), F.cross_entropy, directions=1)
optimizer = nn.Adam(model.parameters(), lr=0.05)
for epoch in range(101):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(Tensor(inside_or_out)), answers)
    loss.backward()
    optimizer.step()
    if epoch % 50 == 0:
        print(f"epoch {epoch:3}: loss {loss.item():.3f}")
reached = nn.accuracy(model(Tensor(inside_or_out)), answers)
assert reached > 0.95
print("read right: more than 95%")

# %% [markdown]
# Within the network the new function is a node like any other, in the second box:

# %%
draw(F.cross_entropy(model(Tensor(inside_or_out[:4])), answers[:4]), rankdir="TB", depth=1)

# %% [markdown]
# ## What to take along
#
# - One declaration is a function's whole calculus: forwards, backwards, drawn, explained, and differentiated again.
# - Write local derivatives with the engine's own operations, and every order follows. Take a number out, and only the
#   first is right.
# - Have a new rule checked to second order before its first use.
