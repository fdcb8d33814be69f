# %% [markdown]
# # What pooling and convolution do backwards
#
# Lecture slides on convolutional networks say of the backward pass: average pooling multiplies the gradient by $1/m$,
# max pooling hands it to the largest element, and in a convolution the filter slides over the gradient. The first two
# are quickly seen. The third is true with a twist that the slides' own example hides, and this notebook brings it out.
#
# **To run it:** `pip install '.[demo]'` in a checkout of gradwalk, then open it in JupyterLab or VS Code. In Colab,
# upload the wheel that `make wheel` builds, and first run `%pip uninstall -y autograd` (another package of that name)
# and `%pip install "gradwalk-0.1.0-py3-none-any.whl[demo]"` in a cell of its own.

# %%
import numpy as np

import nn.functional as F
from autograd import Tensor, kinks
from viz import draw, draw_convolution, draw_pooling, play_convolution, play_pooling

# %% [markdown]
# ## Forwards: the filter slides
#
# The slides' image and filter, both of zeros and ones, stride 1, no padding. (What deep learning calls a convolution is
# a cross-correlation: the filter is laid on the image as it is, and nobody turns it round. Remember that for later.)

# %%
image = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]], dtype=float)
filter = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]], dtype=float)

x, w = Tensor(image[None, None], requires_grad=True), Tensor(filter[None, None], requires_grad=True)
feature = F.conv2d(x, w)
assert feature.data[0, 0].tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]  # as on the slide
draw_convolution(feature, (0, 0, 2, 2))

# %% [markdown]
# ## Average pooling shares
#
# A dense layer behind the pooling has sent back two gradients, $\delta_1$ and $\delta_2$, one for each pooled number.
#
# **Predict first.** Each window has four elements. What does each of the eight receive?

# %%
delta1, delta2 = 1.7, -0.6
values = [[0.2, 0.9, 0.4, 0.1], [0.5, 0.3, 0.0, 0.8]]

y = Tensor([[values]], requires_grad=True)
average = F.avg_pool2d(y, 2)
average.backward([[[[delta1, delta2]]]])
assert np.allclose(y.grad[0, 0], np.repeat([[delta1 / 4, delta2 / 4]], 2, axis=1).repeat(2, axis=0))
draw_pooling(average, (0, 0, 0, 0))

# %% [markdown]
# A mean is $\frac1m$ times a sum, so its local derivative is $\frac1m$ for every element, whatever its value.
#
# ## Max pooling routes
#
# **Predict first.** The same eight numbers, the same $\delta_1$ and $\delta_2$. Where do they go now?

# %%
z = Tensor([[values]], requires_grad=True)
largest = F.max_pool2d(z, 2)
largest.backward([[[[delta1, delta2]]]])
assert z.grad[0, 0].tolist() == [[0, delta1, 0, 0], [0, 0, 0, delta2]]
play_pooling(largest)

# %% [markdown]
# The largest element of a window has the local derivative 1: raise it a little, and the maximum rises as much. The
# others have 0. Either way nothing is lost and nothing is invented:

# %%
print("received after average pooling:", y.grad.sum().round(12), "  after max pooling:", z.grad.sum().round(12))
assert np.isclose(y.grad.sum(), delta1 + delta2)
assert np.isclose(z.grad.sum(), delta1 + delta2)

# %% [markdown]
# ### And a tie?
#
# Where two elements are largest, max has a kink: raise either one and the maximum rises, lower either one and it stays.
# No derivative is *the* right one. gradwalk follows PyTorch, and can be told otherwise.

# %%
tied = Tensor([[[[3.0, 3.0], [1.0, 0.0]]]], requires_grad=True)
F.max_pool2d(tied, 2).sum().backward()
first = tied.grad[0, 0].copy()

tied.zero_grad()
with kinks(ties="split"):
    F.max_pool2d(tied, 2).sum().backward()
print("the first takes all:\n", first)
print("split:\n", tied.grad[0, 0])
assert first.tolist() == [[1, 0], [0, 0]]
assert tied.grad[0, 0].tolist() == [[0.5, 0.5], [0, 0]]

# %% [markdown]
# ## Convolution: scatter
#
# Now a 3 × 3 image $x$, a 2 × 2 filter $w$, and a 2 × 2 gradient $\delta = \partial L/\partial y$ that comes back to
# the output $y$. Forwards, each output read a patch of the image. Backwards, each output therefore *writes* to that
# patch: its gradient times the filter. Where patches overlap, the writes add up.

# %%
x = Tensor([[[[1.0, 2.0, 0.0], [3.0, -1.0, 1.0], [0.0, 2.0, -2.0]]]], requires_grad=True)
w = Tensor([[[[1.0, 2.0], [3.0, 4.0]]]], requires_grad=True)
y = F.conv2d(x, w)
delta = np.array([[1.0, 0.5], [-1.0, 2.0]])
y.backward(delta[None, None])

scattered = np.zeros((3, 3))
for k, l in np.ndindex(2, 2):
    scattered[k : k + 2, l : l + 2] += delta[k, l] * w.data[0, 0]
print(scattered)
assert np.array_equal(scattered, x.grad[0, 0])

# %% [markdown]
# The pixel in the middle lies in all four patches, so it is written to four times:

# %%
draw_convolution(y, (0, 0, 1, 1), backward="scatter")

# %% [markdown]
# ## Convolution: gather
#
# The same sum can be sorted by pixel instead of by output. **Predict first.** The middle pixel collects one product
# from each of the four outputs. Which weight does it meet in the *first* output, $y_{11}$, whose patch has it in the
# lower right corner? (Formulas count from 1, as on paper; pictures count from 0, as Python does.)

# %%
draw_convolution(y, (0, 0, 1, 1), backward="gather")

# %% [markdown]
# The last one, $w_{22}$. As the window moves right and down, the pixel moves left and up *within* it. So over the
# gradient, read from top left to bottom right, lies the filter read from bottom right to top left: turned by 180°.
#
# $$\frac{\partial L}{\partial x_{ij}} = \sum_k \sum_l \delta_{kl}\; w_{i-k+1,\;j-l+1}$$
#
# The minus signs in front of $k$ and $l$ are the rotation. At the border some products fall outside; a rim of zeros
# around $\delta$ takes care of them.


# %%
def slide(image: np.ndarray, filter: np.ndarray) -> np.ndarray:
    """The sum of products at each place of the filter on the image."""
    height, width = filter.shape
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    patches = [[image[i : i + height, j : j + width] for j in range(columns)] for i in range(rows)]
    return np.array([[(patch * filter).sum() for patch in row] for row in patches])


padded = np.pad(delta, 1)
rotated = w.data[0, 0, ::-1, ::-1]
gathered = slide(padded, rotated)
as_it_is = slide(padded, w.data[0, 0])
print("scatter:\n", scattered)
print("gather, filter turned:\n", gathered)
print("gather, filter as it is:\n", as_it_is)
assert np.array_equal(gathered, scattered)
assert not np.array_equal(as_it_is, scattered)

# %% [markdown]
# The whole story as a film, in four chapters on the same numbers: forwards, scatter, gather, and the filter's own
# gradient. Lay the pointer on a cell to see what it is made of, or what it feeds.

# %%
play_convolution(y)

# %% [markdown]
# ## What the slides' example hides
#
# The slides say that the filter which made the convolution slides over the gradient, and do not mention a rotation.
# **Predict first.** With their own image and filter, is that wrong?

# %%
x, w = Tensor(image[None, None], requires_grad=True), Tensor(filter[None, None], requires_grad=True)
feature = F.conv2d(x, w)
delta = np.array([[1.0, -0.5, 2.0], [0.0, 1.5, -1.0], [0.5, -2.0, 1.0]])
feature.backward(delta[None, None])

unturned = slide(np.pad(delta, 2), filter)
print(unturned)
assert np.array_equal(unturned, x.grad[0, 0])
assert np.array_equal(filter, filter[::-1, ::-1])

# %% [markdown]
# It comes out right, because that filter, turned by 180°, is itself. An example with symmetric numbers cannot tell a
# right formula from a wrong one: test with numbers that differ.
#
# ## The filter's gradient
#
# Each weight met one pixel in each window, and the window's gradient comes back to it times that pixel. So the gradient
# of the filter is a correlation as well, of the image with $\delta$, and this time nothing is turned.

# %%
assert np.array_equal(w.grad[0, 0], slide(image, delta))
draw_convolution(feature, (0, 0, 1, 1), backward="kernel")

# %% [markdown]
# ## The whole way back
#
# Image, convolution, max pooling, a gradient from above: all of it in one graph, arrays as colours. Only those pixels
# have a gradient that lie under a window that won.

# %%
x = Tensor(image[None, None], requires_grad=True, name="x")
w = Tensor(filter[None, None], requires_grad=True, name="w")
feature = F.conv2d(x, w)
pooled = F.max_pool2d(feature, (1, 3))  # one winner in each row: (3, 3) -> (3, 1)
above = Tensor(np.array([0.5, -1.5, 2.0]).reshape(1, 1, 3, 1), name="δ")
L = (above * pooled).sum()
L.backward()
print(feature.grad[0, 0] + 0.0)
assert np.count_nonzero(feature.grad) == 3
assert np.array_equal(x.grad[0, 0], slide(np.pad(feature.grad[0, 0], 2), filter[::-1, ::-1]))
draw(L, heat=True)

# %% [markdown]
# ## What to take along
#
# - Average pooling shares a gradient, max pooling routes it; the sum stays what it was.
# - A convolution's backward pass scatters $\delta_{kl} \cdot w$ onto patches. Sorted by pixel, that is the filter,
#   turned by 180°, sliding over the padded gradient.
# - The filter's gradient is the image correlated with the gradient of the output.
#
# Next: *A Keras network, counted and updated by hand*.
