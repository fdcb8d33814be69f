# %% [markdown]
# # The chain rule, by hand and by machine
#
# A neural network is a long formula, and training it needs one thing of that formula: how its result changes when each
# of its inputs changes a little. This notebook takes a formula short enough for paper, works those changes out by hand,
# has the machine do the same, and then looks at the two questions on which every such machine stands or falls: why
# gradients are *added up*, and why the *order* matters.
#
# **To run it:** `pip install '.[demo]'` in a checkout of gradwalk, then open it in JupyterLab or VS Code. In Colab,
# upload the wheel that `make wheel` builds, and first run `%pip uninstall -y autograd` (another package of that name)
# and `%pip install "gradwalk-0.1.0-py3-none-any.whl[demo]"` in a cell of its own.

# %%
import math

from autograd import Value, Walk, backward_steps, check_by_hand, explain, paths, topological_order
from viz import draw, play

# %% [markdown]
# ## A formula is a graph
#
# $$L = \tanh(a \cdot b + a)$$
#
# A `Value` is a number that remembers how it was made. Python computes the formula from the inside out, and each
# operation leaves one node behind, with an arrow from everything that it used. Note that $a$ is used twice.


# %%
def formula() -> tuple[Value, ...]:
    """The nodes of L = tanh(a·b + a), made anew."""
    a, b = Value(0.5, "a"), Value(-3.0, "b")
    c = a * b
    e = c + a
    L = e.tanh()
    c.name, e.name, L.name = "c", "e", "L"
    return a, b, c, e, L


a, b, c, e, L = formula()
draw(L)

# %% [markdown]
# Values stand in green. The dashes are gradients that nobody has computed yet. On each arrow stands a *local
# derivative*: how much the node at its head changes for a small change of the node at its tail, and of that one alone.
#
# **Predict first.** Raise $a$ by a little. It pulls on $L$ in two ways: through $a \cdot b$, and directly. Do the two
# pull in the same direction? Does $L$ rise or fall?

# %%
h = 1e-6
slope = (math.tanh((0.5 + h) * -3.0 + (0.5 + h)) - math.tanh((0.5 - h) * -3.0 + (0.5 - h))) / (2 * h)
print(f"a raised by {h}: L changes by {slope * h:+.3g}, a slope of {slope:.4f}")
assert slope < 0

# %% [markdown]
# It falls: the way through $b = -3$ is the stronger one.
#
# ## By hand
#
# The chain rule says: go from $L$ back to the inputs, and multiply by the local derivative of every arrow on the way.
#
# $$\frac{\partial L}{\partial e} = 1 - \tanh(e)^2
# \qquad \frac{\partial L}{\partial c} = \frac{\partial L}{\partial e} \cdot 1
# \qquad \frac{\partial L}{\partial b} = \frac{\partial L}{\partial c} \cdot a
# \qquad \frac{\partial L}{\partial a} = \frac{\partial L}{\partial e} \cdot 1 + \frac{\partial L}{\partial c} \cdot b$$

# %%
dL_de = 1 - math.tanh(e.data) ** 2
dL_dc = dL_de * 1
dL_db = dL_dc * a.data
dL_da = dL_de * 1 + dL_dc * b.data
print(f"dL/de = {dL_de:.4f}   dL/dc = {dL_dc:.4f}   dL/db = {dL_db:.4f}   dL/da = {dL_da:.4f}")
assert abs(dL_da - slope) < 1e-8

# %% [markdown]
# ## By machine
#
# `backward()` does the same for every node of the graph, however large it is. Afterwards each node holds its gradient,
# and each arrow shows *upstream gradient × local derivative = contribution*.

# %%
L.backward()
assert math.isclose(a.grad, dL_da)
assert math.isclose(b.grad, dL_db)
draw(L)

# %% [markdown]
# ## One arrow at a time
#
# Nothing happens in a backward pass but this: an arrow is crossed, and a product is added to what it leads to. `Walk`
# crosses them one by one, and stops where you say. Here it stops at the first multiplication.

# %%
a, b, c, e, L = formula()
walk = Walk(L)
walk.run(until="×")
walk

# %% [markdown]
# The same as a film. Press play or the arrow keys; "predict first" asks you for the next number before it shows it, and
# "nudge" raises an input for real, to be compared with what the derivatives promise. (Where a notebook is not trusted,
# or shown without scripts, the picture plays by itself once, and the steps are in the table below it.)

# %%
a, b, c, e, L = formula()
play(L)

# %% [markdown]
# ## Why `+=`
#
# Two arrows end at $a$, so $a$ receives two contributions. Suppose a machine stored the newest one instead of adding
# it.
#
# **Predict first.** Which gradients would come out wrong? Which of the two contributions to $a$ would survive?

# %%
stored, added = {}, {}
for step in list(backward_steps(L))[1:]:  # the first step only gives L its 1
    name = step.parent.name
    stored[name] = step.contribution
    added[name] = added.get(name, 0.0) + step.contribution
    print(step)

print()
for name in added:
    print(f"dL/d{name}:  with =  {stored[name]:+.4f}    with +=  {added[name]:+.4f}")
assert added["a"] == a.grad
assert stored["a"] != a.grad
assert all(stored[name] == added[name] for name in ("e", "c", "b"))

# %% [markdown]
# Only $a$ is wrong: it alone is used twice, and of its two contributions the last one would survive. This is the
# classical bug of a first attempt. It hides well, because every formula that uses each variable once passes.
#
# ## The ledger of paths
#
# There is another way to see the same sum. Every *path* from $a$ to $L$ contributes the product of its local
# derivatives, and the gradient is the sum over all paths.

# %%
ledger = paths(L, a)
assert ledger.count == 2
assert math.isclose(sum(path.product for path in ledger.paths), a.grad)
ledger

# %% [markdown]
# Written as on paper, the chain rule in symbols first, then the local derivatives, then numbers:

# %%
explain(L, a)

# %% [markdown]
# So why not simply list all paths? **Predict first:** double a number forty times by `x = x + x`. How many paths lead
# from the result back to the start, and how many arrows does a backward pass cross?

# %%
x = start = Value(1.0, "x")
for _ in range(40):
    x = x + x
count = paths(x, start, top=0).count
arrows = len(list(backward_steps(x))) - 1
print(f"{count:,} paths, {arrows} arrows, gradient {start.grad:,.0f}")
assert count == 2**40 == start.grad
assert arrows == 80

# %% [markdown]
# Each doubling doubles the paths, but adds only two arrows. A backward pass gathers at every node what has arrived so
# far, and hands on the sum once. That is the whole invention.
#
# ## Why the order matters
#
# "Hands on the sum once" has a condition: the sum must be complete. Here $s$ is used twice, by $t$ and by $L$ itself.

# %%
a, b = Value(0.5, "a"), Value(-3.0, "b")
s = a * b
t = s.tanh()
L = s * t
s.name, t.name, L.name = "s", "t", "L"
draw(L)

# %% [markdown]
# **Predict first.** Let a machine visit the nodes in the order L, s, t: it hands on what $s$ has before $t$ has added
# its part. Which gradients are then wrong?

# %%
arrows = [(step.node.name, step.parent.name, step.local) for step in list(backward_steps(L))[1:]]


def visit(order: str) -> dict[str, float]:
    """Gradients when each node hands on what it has at the moment of its turn."""
    gradient = {"L": 1.0, "s": 0.0, "t": 0.0, "a": 0.0, "b": 0.0}
    for node in order.split():
        for head, tail, local in arrows:
            if head == node:
                gradient[tail] += gradient[head] * local
    return gradient


early, right = visit("L s t"), visit("L t s")
for name in right:
    print(f"dL/d{name}:  order L s t  {early[name]:+.4f}    order L t s  {right[name]:+.4f}")
assert early["s"] == right["s"]
assert early["a"] != right["a"] == a.grad
assert early["b"] != right["b"] == b.grad

# %% [markdown]
# $s$ itself ends up right, but too late: what it handed to $a$ and $b$ lacked the part of $t$. The remedy is a
# *topological order*: every node before everything that it was made of. Then a node's users have all had their turn
# before it. Turned round, it is an order in which the formula can be computed.

# %%
order = [node.name for node in topological_order(L)]
print("backward:", *order)
print("forward: ", *order[::-1])
assert order.index("L") < order.index("t") < order.index("s")

# %% [markdown]
# ## Your turn
#
# Work out the three gradients below for $L = (a + b) \cdot a$ with pencil and paper, then put your numbers in. The ones
# given are those of somebody in a hurry; what was the mistake?

# %%
a, b = Value(3.0, "a"), Value(-1.0, "b")
q = a + b
L = q * a
q.name, L.name = "q", "L"
check = check_by_hand(L, {"q": 3, "b": 3, "a": 2})
assert [row.verdict for row in check] == ["right", "right", "wrong"]
assert check["a"].slip == "missing path"
check

# %% [markdown]
# ## What to take along
#
# - A gradient is a sum over paths of products of local derivatives.
# - A backward pass computes that sum with one multiplication and one addition for each arrow: contributions are *added*
#   at a node, and a node hands on only when it is complete.
# - Nothing in this depends on the size of the formula. The next notebook, *One gradient of a CNN, as on paper*, does
#   the same with a convolutional network.
