# %% [markdown]
# # Training a CNN from its formulas
#
# Lecture slides give every layer of a convolutional network two functions: `y = foo(x)` computes its output, and `dL_dx
# = foo_back(dL_dy, x, y)` turns the gradient of the output into that of the input. Chain the first ones forwards and
# the second ones backwards, and the network learns. This notebook writes the pairs from the slides' formulas, in plain
# NumPy, has each one checked, finds what is wrong in the printed formulas, and trains on real handwritten digits with
# the result.
#
# **To run it:** `pip install '.[demo]'` in a checkout of gradwalk, then open it in JupyterLab or VS Code. In Colab,
# upload the wheel that `make wheel` builds, and first run `%pip uninstall -y autograd` (another package of that name)
# and `%pip install "gradwalk-0.1.0-py3-none-any.whl[demo]"` in a cell of its own.

# %%
import numpy as np

import nn
import nn.functional as F
from autograd import Tensor
from autograd.testing import check_backward, grade
from gradwalk.assignments.layers import SPEC
from viz import draw_pooling, play_convolution

rng = np.random.default_rng(0)

# %% [markdown]
# ## How to check a pair
#
# `check_backward(foo, foo_back, inputs...)` computes differences of `foo`, extrapolates them to a step of 0 with a
# bound on their error, and compares. It also tries other inputs on its own: zeros, ties, large numbers. As in the
# slides, an image is (height, width, channels), a kernel (F, F, channels in, channels out), and there is one image at a
# time.
#
# ## Fully connected
#
# $$y_i = \sum_j w_{ij} x_j + b_i$$


# %%
def fc(x, w, b):
    return w @ x + b


def fc_back(dL_dy, x, w, b, y):
    """∂L/∂x_i = Σ_j ∂L/∂y_j w_ji,  ∂L/∂w_ij = ∂L/∂y_i x_j,  ∂L/∂b_i = ∂L/∂y_i"""
    return w.T @ dL_dy, np.outer(dL_dy, x), dL_dy.copy()


report = check_backward(fc, fc_back, rng.normal(size=3), rng.normal(size=(2, 3)), rng.normal(size=2))
assert report.passed
report

# %% [markdown]
# One slide has another formula for the weights, $\partial L/\partial w_{ij} = y_i$. **Predict first.** A gradient has
# to be proportional to what comes from above. Is this one?


# %%
def fc_back_as_printed(dL_dy, x, w, b, y):
    dL_dx, _, dL_db = fc_back(dL_dy, x, w, b, y)
    return dL_dx, np.repeat(y[:, None], x.size, axis=1), dL_db


report = check_backward(
    fc, fc_back_as_printed, rng.normal(size=3), rng.normal(size=(2, 3)), rng.normal(size=2), raises=False
)
assert not report.passed
report

# %% [markdown]
# It is not: without any gradient from above there still is one below. (The next slide has it right.)
#
# ## ReLU
#
# $$y_i = \max(0, x_i)$$


# %%
def relu(x):
    return np.maximum(0.0, x)


def relu_back(dL_dy, x, y):
    """∂L/∂x_i = ∂L/∂y_i where y_i > 0, else 0"""
    return np.where(y > 0, dL_dy, 0.0)


assert check_backward(relu, relu_back, rng.normal(size=(2, 3))).passed

# %% [markdown]
# The slides print "$\partial L/\partial y_i$ if $y_i \ge 0$, else 0". **Predict first.** One sign is different. For
# which inputs does it matter: only for exact zeros, or for more?


# %%
def relu_back_as_printed(dL_dy, x, y):
    return np.where(y >= 0, dL_dy, 0.0)


report = check_backward(relu, relu_back_as_printed, np.array([-2.0, -0.5, 0.5, 2.0]), raises=False)
assert not report.passed
assert {element.label for element in report.elements} == {"x[0]", "x[1]"}
report

# %% [markdown]
# For every closed unit. $y$ is never negative, so the printed gate never closes. (With $y_i > 0$, or $x_i > 0$, it
# does.)
#
# ## Softmax and cross entropy
#
# $$\tilde y_i = \frac{e^{x_i}}{\sum_j e^{x_j}} \qquad L = -\sum_i y_i \log \tilde y_i \qquad
# \frac{\partial L}{\partial x_i} = \tilde y_i - y_i$$


# %%
def loss_cross_entropy_softmax(x, y):
    """(L, ∂L/∂x)"""
    exponentials = np.exp(x - x.max())
    predicted = exponentials / exponentials.sum()
    return -(y * np.log(predicted)).sum(), predicted - y


scores, wanted = rng.normal(size=3), np.array([0, 1, 0])
# The formula holds where the y add up to 1: without explore=False other y would be tried as well.
assert check_backward(loss_cross_entropy_softmax, None, scores, wanted, explore=False).passed


def loss_as_printed(x, y):
    loss, dL_dx = loss_cross_entropy_softmax(x, y)
    return -loss, dL_dx  # the slide of the derivative has L = Σ y log ỹ, without the minus


report = check_backward(loss_as_printed, None, scores, wanted, raises=False)
assert not report.passed
assert any("opposite sign" in sentence for sentence in report.diagnosis)
report

# %% [markdown]
# ## Max pooling
#
# The slides have an example, 4 × 4 numbers pooled 2 × 2. Here is the backward function as most people write it first:
# the gradient goes where $x$ equals the maximum.


# %%
def maxpool(x, size, stride):
    rows, columns = ((length - size) // stride + 1 for length in x.shape[:2])
    y = np.empty((rows, columns, x.shape[2]))
    for k, l in np.ndindex(rows, columns):
        y[k, l] = x[k * stride : k * stride + size, l * stride : l * stride + size].max(axis=(0, 1))
    return y


def maxpool_back_first_try(dL_dy, x, size, stride, y):
    dL_dx = np.zeros_like(x)
    for k, l in np.ndindex(y.shape[:2]):
        window = slice(k * stride, k * stride + size), slice(l * stride, l * stride + size)
        dL_dx[window] += (x[window] == y[k, l]) * dL_dy[k, l]
    return dL_dx


example = np.array([[3, 2, 3, 1], [0, 5, 3, 4], [1, 2, 2, 2], [7, 3, 1, 7]], dtype=float)[:, :, None]
assert maxpool(example, 2, 2)[:, :, 0].tolist() == [[5, 4], [7, 7]]  # as on the slide

report = check_backward(maxpool, maxpool_back_first_try, rng.normal(size=(2, 2, 1)), 2, 2, raises=False)
assert not report.passed
report

# %% [markdown]
# The numbers that we gave it were all different, and passed. Among the inputs that the checker tries on its own are
# ties, and there the gradient was handed out several times over: more comes out than went in. Behind a ReLU, where
# whole windows are 0, that is not rare. So let the first maximum take it all.


# %%
def maxpool_back(dL_dy, x, size, stride, y):
    dL_dx = np.zeros_like(x)
    for k, l in np.ndindex(y.shape[:2]):
        window = x[k * stride : k * stride + size, l * stride : l * stride + size]
        place = window.reshape(-1, x.shape[2]).argmax(axis=0)  # the first of several, for each channel
        rows, columns = np.unravel_index(place, window.shape[:2])
        dL_dx[k * stride + rows, l * stride + columns, np.arange(x.shape[2])] += dL_dy[k, l]
    return dL_dx


assert check_backward(maxpool, maxpool_back, rng.normal(size=(4, 5, 2)), 2, 2).passed
assert check_backward(maxpool, maxpool_back, rng.normal(size=(5, 5, 1)), 3, 2).passed  # windows that overlap

pooled = F.max_pool2d(Tensor(example.transpose(2, 0, 1)[None], requires_grad=True), 2)
pooled.backward([[[[0.1, -0.2], [0.3, -0.4]]]])
draw_pooling(pooled, (0, 0, 1, 1))

# %% [markdown]
# ## Convolution, by im2col
#
# A convolution reads a patch of the image for each output. Write each patch as a row of a matrix, and the convolution
# is a matrix product; `im2col` makes that matrix. The slides show its first four patches for the same 4 × 4 numbers:


# %%
def im2col(x, size):
    """(H, W, C) -> one row for each patch, (rows · columns, size · size · C)."""
    patches = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))  # (rows, columns, C, size, size)
    return patches.transpose(0, 1, 3, 4, 2).reshape(patches.shape[0] * patches.shape[1], -1)


down_the_columns = im2col(example.transpose(1, 0, 2), 2)  # the slides read image and patch column by column
print(down_the_columns[:4].T)  # and write each patch as a column
assert down_the_columns[:4].tolist() == [[3, 0, 2, 5], [0, 1, 5, 2], [1, 7, 2, 3], [2, 5, 3, 3]]

# %% [markdown]
# The slides call this `im2col(A, [2,2], 'distinct')`. Distinct blocks are those that do not overlap: from the second
# one on they are others than the ones shown. And their sum for one output, $y_{kl} = \sum_{i=k}^{F} \sum_{j=l}^{F}
# w_{i-k,\,j-l}\, x_{ij}$, should run to $k+F-1$ and $l+F-1$. **Predict first.** For which outputs is the printed sum
# right nevertheless?

# %%
distinct = example[:, :, 0].reshape(2, 2, 2, 2).transpose(2, 0, 3, 1).reshape(4, 4)  # one block a row
print(distinct)
assert distinct[0].tolist() == down_the_columns[0].tolist()
assert all(distinct[n].tolist() != down_the_columns[n].tolist() for n in (1, 2, 3))

w = rng.normal(size=(3, 3))
right = F.conv2d(Tensor(example.transpose(2, 0, 1)[None]), Tensor(w[None, None])).data[0, 0]
as_printed = np.zeros((2, 2))
for k, l in np.ndindex(2, 2):
    as_printed[k, l] = sum(w[i - k, j - l] * example[i, j, 0] for i in range(k, 3) for j in range(l, 3))
print("right where:\n", np.isclose(as_printed, right))
assert np.isclose(as_printed, right).tolist() == [[True, False], [False, False]]

# %% [markdown]
# Backwards, a matrix product gives two matrix products. For the kernel: the patches, transposed, times the gradient.
# For the image: the gradient's own patches times the kernel, its order reversed.
#
# $$\frac{\partial L}{\partial w_{ijcd}} = \sum_k \sum_l L_{kld}\, x_{k+i,\,l+j,\,c} \qquad
# \frac{\partial L}{\partial x_{ijc}} = \sum_k \sum_l \sum_d L_{kld}\, w_{i-k,\,j-l,\,c,\,d}$$


# %%
def padded(x, size):
    """A rim of zeros, so that the output is as large as the image."""
    rim = size // 2
    return np.pad(x, ((rim, rim), (rim, rim), (0, 0)))


def conv(x, w, b):
    size, _, _, maps = w.shape
    return (im2col(padded(x, size), size) @ w.reshape(-1, maps) + b).reshape(*x.shape[:2], maps)


def conv_back(dL_dy, x, w, b, y):
    size, _, channels, maps = w.shape
    flat = dL_dy.reshape(-1, maps)
    dL_dw = (im2col(padded(x, size), size).T @ flat).reshape(w.shape)
    turned = w[::-1, ::-1].transpose(0, 1, 3, 2)
    return conv(dL_dy, turned, np.zeros(channels)), dL_dw, flat.sum(axis=0)


x, w, b = rng.normal(size=(3, 4, 2)), rng.normal(size=(3, 3, 2, 2)), rng.normal(size=2)
report = check_backward(conv, conv_back, x, w, b)
assert report.passed
report

# %% [markdown]
# The slides print $w_{m-i,\,n-j}$ in the formula for the image, with the difference of the indices the other way round.
# **Predict first.** What would that do to the kernel, compared with $w_{i-m,\,j-n}$?


# %%
def conv_back_as_printed(dL_dy, x, w, b, y):
    _, dL_dw, dL_db = conv_back(dL_dy, x, w, b, y)
    return conv(dL_dy, w.transpose(0, 1, 3, 2), np.zeros(w.shape[2])), dL_dw, dL_db


small = rng.normal(size=(2, 2, 1)), rng.normal(size=(3, 3, 1, 1)), rng.normal(size=1)
report = check_backward(conv, conv_back_as_printed, *small, raises=False)
assert not report.passed
assert all(element.label.startswith("x") for element in report.elements)  # the kernel's and the bias's are right
report

# %% [markdown]
# It takes the rotation out, and every pixel's gradient is wrong. A second slip, in an earlier formula, has $L_{ij}$
# where the sum runs over $L_{kl}$:


# %%
def conv_back_wrong_index(dL_dy, x, w, b, y):
    dL_dx, _, dL_db = conv_back(dL_dy, x, w, b, y)
    patches = im2col(padded(x, len(w)), len(w)).sum(axis=0).reshape(w.shape[:3])
    around = padded(dL_dy, len(w))[: len(w), : len(w)]  # L_ij, in front of the sum over k and l
    return dL_dx, patches[..., None] * around[:, :, None], dL_db


report = check_backward(conv, conv_back_wrong_index, *small, raises=False)
assert not report.passed
assert all(element.label.startswith("w") for element in report.elements)
report

# %% [markdown]
# ## Graded
#
# The same checks as a mark, part by part: what a class would hand in, beside an assignment that comes with gradwalk.
# The second student copied the slides where they are wrong.

# %%
ours = {
    "FC": fc, "FC_back": fc_back, "Relu": relu, "Relu_back": relu_back, "Conv": conv, "Conv_back": conv_back,
    "Maxpool": maxpool, "Maxpool_back": maxpool_back, "loss_cross_entropy_softmax": loss_cross_entropy_softmax,
}  # fmt: skip
copied = ours | {
    "FC_back": fc_back_as_printed, "Relu_back": relu_back_as_printed, "Conv_back": conv_back_as_printed,
    "loss_cross_entropy_softmax": loss_as_printed,
}  # fmt: skip
grades = grade({"these pairs": ours, "the slides": copied}, SPEC)
wrong = {mark.exercise for mark in grades if mark.verdict == "wrong"}
assert wrong == {"FC", "Relu", "Conv", "loss_cross_entropy_softmax"}
assert all(mark.student == "the slides" for mark in grades if mark.verdict == "wrong")
grades

# %% [markdown]
# ## The network
#
# The slides' summary, in two columns: predictions down the left one, gradients up the right one. For 8 × 8 images of
# digits: a convolution with six kernels, ReLU, pooling, and a dense layer with ten outputs.


# %%
def one_image(x, wanted, w1, b1, w2, b2):
    """(loss, [∂L/∂w1, ∂L/∂b1, ∂L/∂w2, ∂L/∂b2])"""
    pred1 = conv(x, w1, b1)
    pred2 = relu(pred1)
    pred3 = maxpool(pred2, 2, 2)
    pred4 = pred3.ravel()
    pred5 = fc(pred4, w2, b2)
    loss, dL_dx = loss_cross_entropy_softmax(pred5, wanted)

    dL_dx, dL_dw2, dL_db2 = fc_back(dL_dx, pred4, w2, b2, pred5)
    dL_dx = dL_dx.reshape(pred3.shape)
    dL_dx = maxpool_back(dL_dx, pred2, 2, 2, pred3)
    dL_dx = relu_back(dL_dx, pred1, pred2)
    _, dL_dw1, dL_db1 = conv_back(dL_dx, x, w1, b1, pred1)
    return loss, [dL_dw1, dL_db1, dL_dw2, dL_db2]


digits = nn.load_digits(seed=0)
images = digits.train[0].transpose(0, 2, 3, 1)  # (N, C, H, W) -> (N, H, W, C)
labels = np.eye(10)[digits.train[1]]
kernels, classes = 6, 10
parameters = [
    0.3 * rng.normal(size=(3, 3, 1, kernels)), np.zeros(kernels),
    0.1 * rng.normal(size=(classes, 4 * 4 * kernels)), np.zeros(classes),
]  # fmt: skip
count = sum(each.size for each in parameters)
print(f"{len(images):,} images to learn from, {len(digits.held_out[1])} held out, {count:,} parameters")

# %% [markdown]
# Before an hour is spent on training: is the chain as right as its links? Here is the same network in `nn`, with the
# same weights, on the same mini-batch. It has no backward functions; its gradients fall out of the graph.

# %%
model = nn.Sequential(
    nn.Conv2d(1, kernels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4 * 4 * kernels, classes)
)


def as_in_nn(w1, b1, w2, b2):
    """(F, F, C1, C2) -> (C2, C1, F, F), and the dense weights' inputs from (H, W, C) to (C, H, W)."""
    dense = w2.reshape(classes, 4, 4, kernels).transpose(0, 3, 1, 2).reshape(classes, -1)
    return [w1.transpose(3, 2, 0, 1).copy(), b1.copy(), dense.copy(), b2.copy()]


def mean_gradients(chosen):
    """The mean loss over some images, and its gradients."""
    passes = [one_image(images[n], labels[n], *parameters) for n in chosen]
    losses, gradients = zip(*passes, strict=True)
    return np.mean(losses), [np.mean(each, axis=0) for each in zip(*gradients, strict=True)]


for parameter, value in zip(model.parameters(), as_in_nn(*parameters), strict=True):
    parameter.data = value
chosen = np.arange(16)
loss, gradients = mean_gradients(chosen)
loss_of_nn = F.cross_entropy(model(Tensor(digits.train[0][chosen])), digits.train[1][chosen])
loss_of_nn.backward()
print(f"loss by the formulas {loss:.6f}, by nn {loss_of_nn.item():.6f}")
assert np.isclose(loss, loss_of_nn.item())
for parameter, gradient in zip(model.parameters(), as_in_nn(*gradients), strict=True):
    assert np.allclose(parameter.grad, gradient)

# %% [markdown]
# ## Stochastic gradient descent
#
# "While until converges: sample a mini-batch", say the slides; for each sample predict, measure the error, propagate it
# back; then $w = w - \gamma\, \partial L/\partial w$. (Here $\gamma$ is halved for the second pass, so that the weights
# settle.) **Predict first.** A guess reads one digit in ten. How many after two passes over the images?


# %%
def accuracy():
    """The part of the held-out digits that is read right."""
    w1, b1, w2, b2 = parameters
    held_out = digits.held_out[0].transpose(0, 2, 3, 1)
    guesses = [fc(maxpool(relu(conv(x, w1, b1)), 2, 2).ravel(), w2, b2).argmax() for x in held_out]
    return (np.array(guesses) == digits.held_out[1]).mean()


gamma, batch, epochs = 0.3, 16, 2
print(f"before: {accuracy():.0%} of the held-out digits")
for epoch in range(1, epochs + 1):
    order = rng.permutation(len(images))
    losses = []
    for start in range(0, len(order), batch):
        loss, gradients = mean_gradients(order[start : start + batch])
        parameters = [w - gamma / epoch * gradient for w, gradient in zip(parameters, gradients, strict=True)]
        losses.append(loss)
    reached = accuracy()
    print(f"epoch {epoch}: mean loss {np.mean(losses):.2f}, {reached:.0%} of the held-out digits")
assert reached > 0.85

# %% [markdown]
# ## What it sees
#
# The trained weights, moved into `nn`, and the first held-out digit that is read right. The film shows one of the six
# learned kernels sliding over it, and then what the loss asks of every pixel and every weight.

# %%
for parameter, value in zip(model.parameters(), as_in_nn(*parameters), strict=True):
    parameter.data = value
model.zero_grad()

unseen, answers = digits.held_out
n = int((model(Tensor(unseen)).data.argmax(axis=1) == answers).argmax())
digit = Tensor(unseen[n : n + 1], requires_grad=True, name="digit")
feature = model[0](digit)
scores = model[1:](feature)
loss = F.cross_entropy(scores, answers[n : n + 1])
loss.backward()
print(f"a {answers[n]}, read as {scores.data.argmax()}")
assert scores.data.argmax() == answers[n]
called = {"digit": digit, "kernel": model[0].weight, "bias": model[0].bias, "feature": feature}
play_convolution(feature, (0, 1), names=called)

# %% [markdown]
# ## What to take along
#
# - A backward pass by hand is a chain of small functions, each of which can be tested alone against its forward
#   function.
# - Test with numbers that differ, *and* with zeros and ties.
# - All of the slides' algorithm is here, and nothing else was needed to read digits. An engine does the same without
#   the `foo_back`s.
