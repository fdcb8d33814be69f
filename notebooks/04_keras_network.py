# %% [markdown]
# # A Keras network, counted and updated by hand
#
# Notes from a course on deep learning write down a network of six Keras layers, count the parameters of two larger
# ones, and then follow one weight of the first kernel through a training step. This notebook builds the network, checks
# the counts (one printed number is wrong), and makes the step: by the notes' formula, and by an optimiser.
#
# **To run it:** `pip install '.[demo]'` in a checkout of gradwalk, then open it in JupyterLab or VS Code. In Colab,
# upload the wheel that `make wheel` builds, and first run `%pip uninstall -y autograd` (another package of that name)
# and `%pip install "gradwalk-0.1.0-py3-none-any.whl[demo]"` in a cell of its own.

# %%
import numpy as np

import nn
import nn.functional as F
from autograd import Tensor, paths
from viz import draw, draw_pooling

# %% [markdown]
# ## How many numbers does a layer learn?
#
# A kernel of 3 × 3 that looks at $C$ channels has $3 \cdot 3 \cdot C$ weights and one bias, and a layer of $M$ kernels
# has $M$ times as many. The notes begin with 5 kernels ("K = 5 → F_M = 5": as many feature maps as kernels), then count
# a layer of 32 kernels on a grey image, then one of 64 kernels behind it.
#
# **Predict first.** How many parameters does the first of the two have? And the second: about as many, ten times, or
# fifty?

# %%
maps = nn.Conv2d(1, 5, 3)(Tensor(np.zeros((1, 1, 6, 6))))
print("maps of 5 kernels:", maps.shape[1])
assert maps.shape[1] == 5

first, second = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
for layer in (first, second):
    weights, biases = layer.weight.size, layer.bias.size
    print(f"{layer}: {weights:,} weights + {biases} biases = {weights + biases:,}")

assert first.weight.size == 32 * 3 * 3 == 288
assert first.weight.size + first.bias.size == 288 + 32 == 320
assert second.weight.size == 64 * 3 * 3 * 32 == 18_432
assert second.weight.size + second.bias.size == 18_432 + 64 == 18_496

# %% [markdown]
# Both totals of the notes are right, and so is the reason: each of the 64 kernels has a 3 × 3 slice for *each* of the
# 32 maps below. But one number on the way is not. The notes write $64 \times 3 \times 3 = 567$.

# %%
per_map = second.weight[:, 0].size
print(f"64 · 3 · 3 = {per_map}, and {per_map} · 32 = {per_map * 32:,}; but 567 · 32 = {567 * 32:,}")
assert per_map == 576 != 567
assert per_map * 32 == 18_432 != 567 * 32

# %% [markdown]
# A slip of the pen: 567 is 63 · 9. The next line goes on with the right number. As a table, for a whole network of such
# layers on images of 28 × 28:

# %%
larger = nn.Sequential(
    nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Flatten(), nn.Linear(7744, 10)
)
table = nn.summarize(larger, Tensor(np.zeros((1, 1, 28, 28))))
assert [row.parameters for row in table.rows if "Conv2d" in row.layer] == [320, 18_496]
print(table)

# %% [markdown]
# ## The network of the notes
#
# In Keras:
#
# ```python
# Conv2D(1, (3, 3), padding="same")
# MaxPool2D((2, 2))
# Conv2D(1, (3, 3), padding="same")
# MaxPool2D((2, 2))
# Flatten()
# Dense(1, activation="sigmoid")
# ```
#
# Here, with an 8 × 8 image for a start. **Predict first.** What is the shape after each layer, and how many parameters
# are there in all?


# %%
class Network(nn.Module):
    """The six layers."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.conv1 = nn.Conv2d(1, 1, 3, padding="same", rng=rng)
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(1, 1, 3, padding="same", rng=rng)
        self.pool2 = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.dense = nn.Linear(4, 1, rng=rng)

    def forward(self, image: Tensor) -> Tensor:
        self.y1 = self.conv1(image)
        self.p1 = self.pool1(self.y1)
        self.y2 = self.conv2(self.p1)
        self.p2 = self.pool2(self.y2)
        self.o = self.dense(self.flatten(self.p2))
        return F.sigmoid(self.o)


rng = np.random.default_rng(1)
model = Network(rng)
image, label = Tensor(rng.normal(size=(1, 1, 8, 8)), name="image"), np.array([[1.0]])
table = nn.summarize(model, image)
assert table.total == 25
print(table)

# %% [markdown]
# "Same" padding keeps the size, each pooling halves it. The picture has one box for each layer:

# %%
prediction = model(image)
loss = F.binary_cross_entropy(prediction, label)
loss.backward()
draw(loss, names={"loss": loss, "ŷ": prediction, "model": model}, depth=1, fold="binary_cross_entropy")

# %% [markdown]
# ## One gradient, link by link
#
# The notes want $\partial L/\partial K$ for the weights $K$ of the first kernel, and write the chain rule from the loss
# down:
#
# $$\frac{\partial L}{\partial K} = \frac{\partial L}{\partial \hat y} \cdot \frac{\partial \hat y}{\partial o} \cdot
# \left[ \frac{\partial o}{\partial p_{11}} \frac{\partial p_{11}}{\partial K}
# + \frac{\partial o}{\partial p_{12}} \frac{\partial p_{12}}{\partial K} + \dots \right]$$
#
# with one term in the bracket for each cell of the second pooled map. The two factors before it are short: for the
# sigmoid and the binary cross-entropy they make $\hat y - y$ together.

# %%
dL_dy = model.o.grad / (prediction.data * (1 - prediction.data))
print(f"∂L/∂ŷ = {dL_dy.item():.4f}   ∂ŷ/∂o = {(prediction.data * (1 - prediction.data)).item():.4f}")
print(f"their product = {model.o.grad.item():.4f}   ŷ − y = {(prediction.data - label).item():.4f}")
assert np.isclose(dL_dy, -1 / prediction.data)
assert np.isclose(model.o.grad, prediction.data - label)

# %% [markdown]
# Now the bracket. Each $\partial o/\partial p$ is a weight of the dense layer, since $o = w_1 p_{11} + w_2 p_{12} +
# \dots$; each $\partial p/\partial K$ is a backward pass that starts at that one cell.

# %%
K = model.conv1.weight
by_backward = K.grad.copy()
dL_do = model.o.grad.item()

bracket = np.zeros_like(K.data)
for row, column in np.ndindex(2, 2):
    model.zero_grad()
    model(image)
    model.p2[0, 0, row, column].backward()
    do_dp = model.dense.weight.data[0, 2 * row + column]
    bracket += do_dp * K.grad
    print(f"p{row + 1}{column + 1}: ∂o/∂p = {do_dp:+.4f}, ∂p/∂K =\n{K.grad[0, 0].round(3)}")

print("∂L/∂K, term by term:\n", (dL_do * bracket)[0, 0].round(4))
print("∂L/∂K, by loss.backward():\n", by_backward[0, 0].round(4))
assert np.allclose(dL_do * bracket, by_backward)

# %% [markdown]
# ### Max picks one of four
#
# On its way each term passes two poolings. The notes mark the winner: of the four cells of $y^2$ under $p^2_{11}$, one
# hands on the gradient.

# %%
loss = F.binary_cross_entropy(model(image), label)
loss.backward()
winners = np.count_nonzero(model.y2.grad)
print(f"{winners} of {model.y2.size} cells of the second map have a gradient, for {model.p2.size} pooled ones")
assert winners == model.p2.size
draw_pooling(model.p2, (0, 0, 0, 0))

# %% [markdown]
# ### How many ways are there?
#
# One weight of the first kernel is used for every pixel, and what it makes is used again. **Predict first:** does its
# gradient have about four terms, forty, or hundreds?

# %%
corner = paths(loss, K[0, 0, 0, 0], top=0)
center = paths(loss, K[0, 0, 1, 1], top=0)
still_open = [sum(path.product != 0 for path in paths(loss, K[0, 0, k, k], top=5000).paths) for k in (0, 1)]
print(f"corner weight: {corner.count:,} paths, {still_open[0]} of them open")
print(f"middle weight: {center.count:,} paths, {still_open[1]} of them open")
assert np.isclose(corner.total, by_backward[0, 0, 0, 0])
assert np.isclose(center.total, by_backward[0, 0, 1, 1])

# %% [markdown]
# Hundreds, most of them closed by the two poolings, a few by the zeros around the image. `backward()` does not list
# them: it adds up at each node on the way.
#
# ## One update
#
# $$K^{\text{new}} = K^{\text{old}} - \alpha\, \frac{\partial L}{\partial K}$$
#
# By hand for the first kernel, and by `SGD` for all parameters at once.
#
# **Predict first.** By how much does the loss fall? To first order, a step against the gradient lowers it by $\alpha$
# times the sum of all squared gradients.

# %%
alpha = 0.05
model.zero_grad()
loss = F.binary_cross_entropy(model(image), label)
loss.backward()
new_K = K.data - alpha * K.grad
promised = alpha * sum((parameter.grad**2).sum() for parameter in model.parameters())

nn.SGD(model.parameters(), lr=alpha).step()
assert np.array_equal(K.data, new_K)

after = F.binary_cross_entropy(model(image), label)
fell = loss.item() - after.item()
print(f"loss {loss.item():.4f} -> {after.item():.4f}: it fell by {fell:.5f}, promised {promised:.5f}")
assert fell > 0
assert abs(fell - promised) < 0.1 * promised

# %% [markdown]
# Repeat it, and the network learns its one image by heart.

# %%
optimizer = nn.SGD(model.parameters(), lr=alpha)
for step in range(201):
    optimizer.zero_grad()
    loss = F.binary_cross_entropy(model(image), label)
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step:3}: loss {loss.item():.4f}, ŷ = {model(image).item():.4f}")
assert loss.item() < 0.5 * after.item()

# %% [markdown]
# ## Weights from Keras
#
# Keras keeps the channels last: a kernel is (height, width, in, out), here it is (out, in, height, width). One call
# moves the axes, and the layers then compute the same.

# %%
keras_kernel = np.arange(9.0).reshape(3, 3, 1, 1)  # as layer.get_weights()[0] would give it
model.conv1.weight.data = nn.from_keras_kernel(keras_kernel)
print(keras_kernel.shape, "->", model.conv1.weight.shape)
assert np.array_equal(model.conv1.weight.data[0, 0], keras_kernel[:, :, 0, 0])

# %% [markdown]
# ## What to take along
#
# - A convolution's parameters: kernel height × width × channels below × kernels, and a bias for each kernel.
# - The gradient of a kernel's weight has a term for every way to the loss. Pooling closes most of them.
# - One step of gradient descent is one subtraction per weight; the gradient says in advance how far the loss will fall.
#
# Next: *Auditing a hand calculation*.
