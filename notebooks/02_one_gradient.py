# %% [markdown]
# # One gradient of a CNN, as on paper
#
# A handwritten lecture page works out how the loss of a small convolutional network changes with one of its filter's
# weights, and gets a sum of four terms. This notebook builds that network from single numbers, lets the machine derive
# the same sum in symbols, checks it for all sixteen weights, and ends with the one line that computes them all.
#
# **To run it:** `pip install '.[demo]'` in a checkout of gradwalk, then open it in JupyterLab or VS Code. In Colab,
# upload the wheel that `make wheel` builds, and first run `%pip uninstall -y autograd` (another package of that name)
# and `%pip install "gradwalk-0.1.0-py3-none-any.whl[demo]"` in a cell of its own.

# %%
import itertools

import numpy as np

import nn.functional as F
from autograd import Tensor, Value, check_by_hand, explain, graph_nodes, paths
from viz import draw, draw_convolution, play

# %% [markdown]
# ## The page
#
# A 5 × 5 input $x$ is convolved with a 4 × 4 filter $w$. That gives a 2 × 2 output $a$:
#
# $$a_{ij} = \sum_{k=1}^{4} \sum_{l=1}^{4} x_{i+k-1,\;j+l-1}\; w_{kl}$$
#
# Max pooling with a 1 × 2 window takes the larger one of each row, $g_1 = \max(a_{11}, a_{12})$ and $g_2 = \max(a_{21},
# a_{22})$, and the page assumes $a_{11} > a_{12}$ and $a_{22} > a_{21}$. What comes after $g$ is left open: a loss $L$,
# of which only $\partial L/\partial g_1$ and $\partial L/\partial g_2$ matter. The page has no numbers, so we choose
# small ones that fit its assumption; $L = \delta_1 g_1 + \delta_2 g_2$ makes the two derivatives $\delta_1$ and
# $\delta_2$.

# %%
x = [[Value(float((i + 5 * j) % 7 - 3), f"x{i + 1}{j + 1}") for j in range(5)] for i in range(5)]
w = [[Value(float(j % 3 - 1), f"w{i + 1}{j + 1}") for j in range(4)] for i in range(4)]
delta1, delta2 = Value(0.5, "δ1", requires_grad=False), Value(-1.0, "δ2", requires_grad=False)

a = F.conv2d([[x]], [[w]])[0, 0]  # one image, one channel: (5, 5) and (4, 4) -> (2, 2)
g1, g2 = F.max_pool2d(a[None, None], (1, 2))[0, 0, :, 0]
L = delta1 * g1 + delta2 * g2

g1.name, g2.name, L.name = "g1", "g2", "L"
for i, j in np.ndindex(2, 2):
    a[i, j].name = f"a{i + 1}{j + 1}"

print(np.array([[cell.data for cell in row] for row in a]))
assert a[0, 0].data > a[0, 1].data
assert a[1, 1].data > a[1, 0].data

# %% [markdown]
# Every pixel and every weight is a node of its own, and so is every product and every sum. The picture puts equal parts
# into one box and long sums into one Σ, and says so.

# %%
print(f"{len(list(graph_nodes(L)))} nodes")
draw(L, max_nodes=30)

# %% [markdown]
# ## What one weight reaches
#
# The filter slides, so $w_{11}$ is multiplied with one pixel in each of its four positions. Here is only what lies
# between $w_{11}$ and the loss.
#
# **Predict first.** Which four pixels? And through how many of the four ways does a small change of $w_{11}$ really
# reach $L$?

# %%
L.backward()
w11 = w[0][0]
draw(L, of=w11)

# %% [markdown]
# Two ways are grey. They end at a maximum that lost: as long as $a_{12} < a_{11}$, no small change of $a_{12}$ changes
# $g_1$.
#
# ## The sum
#
# The page writes, for $w_{11}$,
#
# $$\frac{\partial L}{\partial w_{11}} = \sum_{i=1}^{2} \sum_{j=1}^{2}
# \frac{\partial L}{\partial g_i} \cdot \frac{\partial g_i}{\partial a_{ij}} \cdot x_{ij}$$
#
# `explain` derives it from the graph. The option `by` says which derivatives to keep whole, as the page does with
# $\partial L/\partial g_i$; a derivative of max is 1 for the winner and 0 for the loser.

# %%
derivation = explain(L, w11, by=[g1, g2])
assert derivation.count == 4
assert derivation.matches  # the sum is what backward() stored
derivation

# %% [markdown]
# The ledger says the same in numbers only, the largest product first: each line is one way, from the weight to the
# loss.

# %%
ledger = paths(L, w11)
pixels = [x[i][j].data for i, j in np.ndindex(2, 2)]
gates, upstream = [1, 0, 0, 1], [0.5, 0.5, -1.0, -1.0]
terms = [pixel * gate * delta for pixel, gate, delta in zip(pixels, gates, upstream, strict=True)]
assert sorted(path.product for path in ledger.paths) == sorted(terms)
assert w11.grad == sum(terms)
ledger

# %% [markdown]
# ## All sixteen
#
# "16 weights in all", the page ends. For $w_{kl}$ the pixels are those that the weight covers, $x_{i+k-1,\,j+l-1}$;
# nothing else changes. So here are sixteen sums of four terms, written out as loops, beside the sixteen gradients that
# the machine found.

# %%
pixel = np.array([[cell.data for cell in row] for row in x])
delta = [delta1.data, delta2.data]
output = np.array([[cell.data for cell in row] for row in a])

by_hand = np.zeros((4, 4))
for k, l in np.ndindex(4, 4):
    for i, j in np.ndindex(2, 2):
        is_largest = output[i, j] == output[i].max()
        by_hand[k, l] += delta[i] * is_largest * pixel[i + k, j + l]

by_machine = np.array([[weight.grad for weight in row] for row in w])
print("by the page's sum:\n", by_hand)
print("by backward():\n", by_machine)
assert np.array_equal(by_hand, by_machine)

# %% [markdown]
# **Predict first.** Half of the four terms are always zero here. What is left is so simple that it needs no inner loop:
# how would you write all sixteen gradients with two slices of the image?

# %%
two_slices = delta[0] * pixel[:4, :4] + delta[1] * pixel[1:, 1:]
print(two_slices)
assert np.array_equal(two_slices, by_machine)

# %% [markdown]
# The window of the winner $a_{11}$, times $\delta_1$, plus the window of the winner $a_{22}$, times $\delta_2$. The
# gradient of a filter is made of the patches of the image that it looked at.
#
# ## The same on arrays
#
# Nobody trains a network number by number. A `Tensor` is a node that holds an array; the program stays the same, and
# one `backward()` computes all sixteen.

# %%
image = Tensor(pixel[None, None], name="x")
filter = Tensor([[[[weight.data for weight in row] for row in w]]], requires_grad=True, name="w")
feature = F.conv2d(image, filter)
loss = (F.max_pool2d(feature, (1, 2)) * np.reshape(delta, (1, 1, 2, 1))).sum()
loss.name = "L"
loss.backward()
assert np.array_equal(filter.grad[0, 0], by_hand)
filter.grad[0, 0]

# %% [markdown]
# An array's element can be asked for its four ways as well: the graph is opened into single numbers for it.

# %%
ways = paths(loss, filter[0, 0, 0, 0])
assert ways.count == 4
assert ways.total == by_hand[0, 0]
ways

# %% [markdown]
# And in a figure: the image, the gradient that has come back to the feature map, and the products of the two under the
# weight $w_{11}$, which Python, counting from 0, calls `w[0,0,0,0]`.

# %%
draw_convolution(feature, (0, 0, 0, 0), backward="kernel")

# %% [markdown]
# ## What if the order is the other way round?
#
# The assumption $a_{11} > a_{12}$, $a_{22} > a_{21}$ decided which two ways are open. **Predict first:** mirror image
# and filter, left to right. Then $a_{12}$ and $a_{21}$ win. Which two windows of the mirrored image now make the
# gradient?

# %%
mirrored = Tensor(filter.data[..., ::-1].copy(), requires_grad=True)
feature = F.conv2d(Tensor(image.data[..., ::-1].copy()), mirrored)
(F.max_pool2d(feature, (1, 2)) * np.reshape(delta, (1, 1, 2, 1))).sum().backward()
flipped = pixel[:, ::-1]
assert feature.data[0, 0, 0, 1] > feature.data[0, 0, 0, 0]
assert feature.data[0, 0, 1, 0] > feature.data[0, 0, 1, 1]
assert np.array_equal(mirrored.grad[0, 0], delta[0] * flipped[:4, 1:] + delta[1] * flipped[1:, :4])
mirrored.grad[0, 0]

# %% [markdown]
# ## The zero in the page's $g$
#
# The page defines $g$ as the maximum *if it is above 0, and 0 otherwise*: a ReLU after the pooling. Nothing above
# changed, since both maxima were positive. With a negative maximum the way through it closes, whoever won. A bias that
# lowers all of $a$ by 12 shuts $g_2$, and of the four ways one is left.

# %%
w = [[Value(weight.data, weight.name) for weight in row] for row in w]
bias = Value(-12.0, "bias")
a = F.conv2d([[x]], [[w]], [bias])[0, 0]
largest = F.max_pool2d(a[None, None], (1, 2))[0, 0, :, 0]
g1, g2 = largest[0].relu(), largest[1].relu()
L = delta1 * g1 + delta2 * g2
L.backward()

print("maxima:", [each.data for each in largest], " g:", [g1.data, g2.data])
assert g1.data > 0 == g2.data
assert sum(path.product != 0 for path in paths(L, w[0][0]).paths) == 1
assert w[0][0].grad == delta[0] * pixel[0, 0]
w11 = w[0][0]
draw(L, of=w11)

# %% [markdown]
# ## Your turn
#
# A sheet with gradients of four weights, filled in by somebody who forgot something about max pooling. Can you tell
# what, before you read the last column?

# %%
network = Tensor(pixel[None, None]), Tensor(filter.data.copy(), requires_grad=True, name="w")
maxima = F.max_pool2d(F.conv2d(*network), (1, 2))
loss = (maxima * np.reshape(delta, (1, 1, 2, 1))).sum()
everything = {
    f"w[0,0,{k},{l}]": sum(delta[i] * pixel[i + k, j + l] for i, j in itertools.product(range(2), repeat=2))
    for k, l in [(0, 0), (0, 3), (2, 1), (3, 3)]
}
check = check_by_hand(loss, everything)
check

# %% [markdown]
# Nobody told the losers that they had lost: all four terms were added, as if the derivative of max were 1 everywhere.
#
# ## A film to end with
#
# The ways of $w_{11}$ once more, step by step, with the second gate shut.

# %%
play(L, of=w11)

# %% [markdown]
# ## What to take along
#
# - The gradient of a weight is a sum over the places where the weight was used; a filter's weight is used in every
#   window.
# - Max pooling keeps the ways of the winners and closes the others; ReLU closes the ways of what is not positive.
# - The page's sum, the paths of the graph and `backward()` are three ways of writing one computation.
#
# Next: *What pooling and convolution do backwards*.
