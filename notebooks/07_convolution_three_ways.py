# %% [markdown]
# # Convolution three ways
#
# One convolution, written three times: as loops over single numbers, as three operations on arrays, and as a recorded
# program that runs without a graph. All three have the same gradients, because all three are the same sum of products.
# They differ in what they let you see, and in their speed. This notebook holds them against each other, number by
# number, and then takes the time.
#
# **To run it:** `pip install '.[demo]'` in a checkout of gradwalk, then open it in JupyterLab or VS Code. In Colab,
# upload the wheel that `make wheel` builds, and first run `%pip uninstall -y autograd` (another package of that name)
# and `%pip install "gradwalk-0.1.0-py3-none-any.whl[demo]"` in a cell of its own.

# %%
import time

import numpy as np

import nn
import nn.functional as F
from autograd import Tensor, Value, check_grad, einsum, graph_nodes, pad, windows
from autograd.replay import record
from viz import draw, draw_convolution

# %% [markdown]
# ## What is computed
#
# A 3 × 3 kernel slides over an image of a handwritten digit, 8 × 8, with a rim of one zero around it:
#
# $$y_{rc} = \sum_{i=0}^{2} \sum_{j=0}^{2} x_{r+i,\,c+j}\; k_{ij} \qquad L = \sum_{r,c} g_{rc}\, y_{rc}$$
#
# The second sum turns the 64 outputs into one number. Its weights $g$ are random and of both signs; then $\partial
# L/\partial y_{rc} = g_{rc}$, and an error in one place cannot hide behind another.

# %%
rng = np.random.default_rng(0)
digits = nn.load_digits(seed=0)
image = digits.train[0][3, 0]
kernel = rng.normal(size=(3, 3))
g = rng.normal(size=image.shape)
draw(Tensor(image, name=f"a {digits.train[1][3]}"), heat=True)

# %% [markdown]
# ## First way: loops
#
# The formula, letter by letter. It knows nothing of arrays: whatever can be multiplied and added will do, and so a
# `Value` will, a number that remembers how it was made.


# %%
def by_loops(x, k):
    """y[r][c] of lists of numbers, with a rim of one zero."""
    rows, columns, size = len(x), len(x[0]), len(k)
    y = [[0.0] * columns for _ in range(rows)]
    for r in range(rows):
        for c in range(columns):
            for i in range(size):
                for j in range(size):
                    if 0 <= r + i - 1 < rows and 0 <= c + j - 1 < columns:
                        y[r][c] = y[r][c] + x[r + i - 1][c + j - 1] * k[i][j]
    return y


def loss_by_loops(x, k):
    y = by_loops(x, k)
    return sum(g[r, c] * y[r][c] for r, c in np.ndindex(g.shape))


def as_values(array, name):
    """One Value for each element."""
    return [[Value(number, f"{name}[{r},{c}]") for c, number in enumerate(row)] for r, row in enumerate(array.tolist())]


def gradients(values):
    return np.array([[each.grad for each in row] for row in values])


# %% [markdown]
# **Predict first.** How many products does the loss have, and how many of them has a corner of the image? (The rim is
# not multiplied: the loop leaves it out.)

# %%
x, k = as_values(image, "x"), as_values(kernel, "k")
L = loss_by_loops(x, k)
L.backward()
image_gradient, kernel_gradient = gradients(x), gradients(k)

products = sum(node.op == "×" for node in graph_nodes(L)) - g.size  # those with g are not of the convolution
print(f"{len(graph_nodes(L)):,} nodes, {products} products of a pixel and a weight")
assert products == (3 * 8 - 2) ** 2  # in each direction 3 · 8 places, two of which lie on the rim
uses_of_corner = sum(x[0][0] is parent for node in graph_nodes(L) for parent in node.parents)
assert uses_of_corner == 4

# %% [markdown]
# A corner is seen by four of the nine positions of the kernel. What such a graph is good for: nothing in it is hidden.
# Here is all that a corner's pixel does, at most two arrows away from it.

# %%
draw(L, around=x[0][0], radius=2)

# %% [markdown]
# ## Second way: composed of primitives
#
# On arrays the nine products of all outputs are made at once. Three operations, and none of them knows what a
# convolution is: `pad` lays the rim, `windows` shows the array as its windows (a view; nothing is copied), and `einsum`
# multiplies and adds.


# %%
def by_primitives(x, k):
    """(N, C, H, W), (O, C, 3, 3) -> (N, O, H, W)"""
    rim = pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    patches = windows(rim, (3, 3))  # (N, C, H, W, 3, 3)
    return einsum("nchwij,ocij->nohw", patches, k)


X, K = Tensor(image[None, None], requires_grad=True), Tensor(kernel[None, None], requires_grad=True)
y = by_primitives(X, K)
loss = (y * g).sum()
loss.backward()
draw(loss, rankdir="TB")

# %% [markdown]
# **Predict first.** The same 484 products, now added by NumPy in an order of its own. Do the gradients agree in every
# digit?

# %%
largest = max(np.abs(K.grad[0, 0] - kernel_gradient).max(), np.abs(X.grad[0, 0] - image_gradient).max())
print("equal to 12 digits:", np.allclose(K.grad[0, 0], kernel_gradient, rtol=1e-12, atol=1e-12))
assert largest < 1e-12
assert np.isclose(loss.item(), L.data)
library = F.conv2d(X, K, padding=1)
assert np.allclose(library.data, y.data)

# %% [markdown]
# To the last digit or the one before it: floating-point sums depend on their order, and on nothing else here.
# `nn.functional.conv2d` is the same composition with the options that one expects. It has no backward pass of its own,
# and can be opened down to the nine products again:

# %%
assert {node.rule.name for node in graph_nodes(library) if node.rule} >= {"pad", "windows"}
draw_convolution(library, (0, 0, 0, 0))

# %% [markdown]
# Equal is not yet right: all ways could be wrong together. Differences of the loss, which know no derivative, say that
# they are not.

# %%
report = check_grad(lambda x, k: (by_primitives(x, k) * g).sum(), X.data, K.data)
assert report.passed
report

# %% [markdown]
# ## Third way: recorded once, run again
#
# In training the same graph is built and thrown away thousands of times, with other numbers in it. `record` keeps it as
# a program: the order of operations and their buffers are planned once, and a run makes no node at all. It takes either
# way of writing.

# %%
program_of_loops = record(loss_by_loops, np.array(x, dtype=object), np.array(k, dtype=object))
program = record(lambda image, kernel: (by_primitives(image, kernel) * g).sum(), X, K)
print(program_of_loops)
print(program)
for recorded, arguments in ((program_of_loops, (image, kernel)), (program, (X.data, K.data))):
    value, (of_image, of_kernel) = recorded.value_and_grad(*arguments)
    assert np.isclose(value, L.data)
    assert np.allclose(of_image.reshape(8, 8), image_gradient, rtol=1e-12, atol=1e-12)
    assert np.allclose(of_kernel.reshape(3, 3), kernel_gradient, rtol=1e-12, atol=1e-12)

# %% [markdown]
# It is no memory of old numbers. **Predict first.** The program was recorded with one image. What does it do with a
# hundred at once, and what is then the gradient of the kernel, which all hundred share?

# %%
hundred = digits.train[0][:100, 0]
losses, (of_images, of_kernel) = program_of_loops.value_and_grad(hundred, kernel)
print("losses", losses.shape, " gradient of the images", of_images.shape, " of the kernel", of_kernel.shape)
one_by_one = [program_of_loops.value_and_grad(each, kernel) for each in hundred]
assert np.allclose(losses, [value for value, _ in one_by_one])
assert np.allclose(of_kernel, sum(pulled[1] for _, pulled in one_by_one))

# %% [markdown]
# An axis more is a batch, and the gradient of what the batch shares is a sum: `+=` once more.
#
# And it can be read. This is the backward pass of the second way as plain NumPy, written out by the program, with no
# trace of an engine left:

# %%
source = program.to_source()
backward_source = source[source.index("def backward") :]
assert "autograd" not in source
print(backward_source)

# %% [markdown]
# The kernel's gradient is a contraction of $g$ with the image's windows. The image's is $g$ times the kernel, each
# window added back to where it was taken from, and then the rim cut off.
#
# ## The time
#
# One forward and backward pass, the fastest of several. **Predict first.** The three ways do the same 484
# multiplications forwards. By which factor does the slowest differ from the fastest: 3, 30, 300?


# %%
def fastest(call, repeats=15):
    """Seconds of the fastest of some calls."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


class Times(dict):
    """Seconds by name, shown as ratios to the first."""

    def __repr__(self):
        first, width = next(iter(self.values())), max(map(len, self))
        return "\n".join(f"{name:{width}}  {each * 1e6:6.0f} µs   1/{first / each:,.0f}" for name, each in self.items())


def pass_by_loops():
    loss_by_loops(as_values(image, "x"), as_values(kernel, "k")).backward()


def pass_by_primitives():
    (by_primitives(X, K) * g).sum().backward()


one = Times({
    "loops on Values": fastest(pass_by_loops),
    "primitives on Tensors": fastest(pass_by_primitives),
    "loops, recorded": fastest(lambda: program_of_loops.value_and_grad(image, kernel)),
    "primitives, recorded": fastest(lambda: program.value_and_grad(X.data, K.data)),
})  # fmt: skip
assert one["loops on Values"] > 3 * one["primitives on Tensors"]
assert one["loops on Values"] > 10 * one["primitives, recorded"]
one

# %% [markdown]
# (These are the times of the machine that executed the notebook; run the cell for yours. What is asserted holds on a
# busy one, too.) A thousand nodes have to be made, linked, walked and freed by Python, in the first way; the arithmetic
# hardly counts. So the gap grows with the batch, since loops cost the same for each further image:

# %%
batch = Tensor(hundred[:, None])
program_of_hundred = record(lambda images, kernel: (by_primitives(images, kernel) * g).sum(), batch, K)
assert np.isclose(program_of_hundred(batch.data, K.data), losses.sum())
many = Times({
    "loops on Values": 100 * one["loops on Values"],
    "primitives on Tensors": fastest(lambda: (by_primitives(batch, K) * g).sum().backward(), 5),
    "loops, recorded": fastest(lambda: program_of_loops.value_and_grad(hundred, kernel), 5),
    "primitives, recorded": fastest(lambda: program_of_hundred.value_and_grad(batch.data, K.data), 5),
})  # fmt: skip
assert many["loops on Values"] > 20 * many["loops, recorded"]
assert many["loops on Values"] > 20 * many["primitives on Tensors"]
many

# %% [markdown]
# A hundred images (the first row is reckoned, the others are measured). Even the loops are fast once they are recorded
# and run on a batch: each of their products is then a row of a hundred numbers.
#
# ## What to take along
#
# - A convolution is a sum of products. Every way of writing that sum has the same gradients.
# - Loops on `Value`s are for looking, primitives on `Tensor`s for working, recorded programs for doing it again.
# - Nobody wrote a backward pass of a convolution: not in the loops, not in the library, not in the program.
