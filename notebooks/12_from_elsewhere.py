# %% [markdown]
# # From micrograd, PyTorch, Keras
#
# For whoever knows one of these three. What is the same, and what will surprise you? A micrograd program runs with two
# changed lines; PyTorch's names are taken over, with NumPy's arguments; a Keras model keeps its numbers, but turns its
# axes. Neither of the three has to be installed: their code stands in the text, and the numbers that they print beside
# it.
#
# **To run it:** `pip install '.[demo]'` in a checkout of gradwalk, then open it in JupyterLab or VS Code. In Colab,
# upload the wheel that `make wheel` builds, and first run `%pip uninstall -y autograd` (another package of that name)
# and `%pip install "gradwalk-0.1.0-py3-none-any.whl[demo]"` in a cell of its own.

# %%
import tempfile
from pathlib import Path

import numpy as np

import nn
import nn.functional as F
from autograd import Tensor, Value
from viz import draw, draw_dot

# %% [markdown]
# ## From micrograd
#
# Here is a program for micrograd: 40 points in two classes, an MLP of 33 parameters, a hinge loss with a penalty for
# large weights, and descent by hand. It stands in a text, so that nothing can be slipped in.

# %%
PROGRAM = """
import math
import random
from micrograd.engine import Value
from micrograd.nn import MLP

random.seed(7)
points = [(random.uniform(-1, 1), random.uniform(-1, 1)) for _ in range(40)]
labels = [1 if math.hypot(x, y) < 0.65 else -1 for x, y in points]      # inside a circle, or outside

model = MLP(2, [8, 1])
losses = []
for step in range(60):
    scores = [model(list(map(Value, point))) for point in points]
    margins = [(1 + -label * score).relu() for label, score in zip(labels, scores)]
    penalty = 0.001 * sum(p * p for p in model.parameters())
    loss = sum(margins) * (1.0 / len(margins)) + penalty

    model.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.data -= 0.5 * p.grad
    losses.append(loss.data)

right = sum((score.data > 0) == (label > 0) for label, score in zip(labels, scores))
"""
changed = PROGRAM.replace("micrograd.engine", "autograd").replace("micrograd.nn", "nn")
differing = [(old, new) for old, new in zip(PROGRAM.split("\n"), changed.split("\n"), strict=True) if old != new]
print(*(f"- {old}\n+ {new}" for old, new in differing), sep="\n")
assert len(differing) == 2

state = {}
exec(changed, state)
print(state["model"])
print(f"loss {state['losses'][0]:.3f} -> {state['losses'][-1]:.3f}, {state['right']} of 40 points on the right side")
assert state["losses"][-1] < 0.5 * state["losses"][0]
assert state["right"] >= 36

# %% [markdown]
# Also the lecture's own handles are there: `label`, `_prev`, `_op`, `_backward`, and `draw_dot`, so that its cells that
# walk a graph by hand run as they are.

# %%
a, b = Value(2.0), Value(-3.0)
a.label, b.label = "a", "b"
c = a * b
c.label = "c"
out = c.tanh()
out.label = "out"

order, seen = [], set()


def build(node):
    """The lecture's topological order."""
    if node not in seen:
        seen.add(node)
        for child in node._prev:
            build(child)
        order.append(node)


build(out)
out.grad = 1.0
for node in reversed(order):
    node._backward()
print([node._op for node in order if node._op], f"{a.grad:.6f} {b.grad:.6f}")
assert np.allclose((a.grad, b.grad), ((1 - np.tanh(-6.0) ** 2) * -3.0, (1 - np.tanh(-6.0) ** 2) * 2.0))
draw_dot(out)

# %% [markdown]
# ### What differs
#
# **Predict first.** In micrograd, `backward()` twice on one graph adds to *all* gradients, those of interior nodes
# too, which then hand on more than they should. For $L = (a \cdot a) \cdot a$ at $a = 2$, what does `a.grad` come to
# after the second pass here, and there?


# %%
class There:
    """A product of micrograd's kind: every `grad` is only ever added to."""

    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = data, 0.0, parents

    def __mul__(self, other):
        return There(self.data * other.data, (self, other))

    def hand_on(self):
        left, right = self.parents
        left.grad += right.data * self.grad
        right.grad += left.data * self.grad


there = There(2.0)
square = there * there
cube = square * there
here = Value(2.0)
L = here * here * here
for _ in range(2):
    cube.grad = 1.0
    cube.hand_on()
    square.hand_on()
    L.backward()
print(f"here {here.grad:.0f} = 2 · 12, there {there.grad:.0f}")
assert here.grad == 2 * 3 * 2.0**2
assert there.grad == 32

# %% [markdown]
# Leaves add up until `zero_grad`, as in every library. Interior gradients belong to one pass.
#
# And a long chain does not end in a `RecursionError`:

# %%
x = chain = Value(0.5)
for _ in range(100_000):
    chain = chain + 0.00001
chain.backward()
assert x.grad == 1.0
print(f"100,000 additions, gradient {x.grad}")

# %% [markdown]
# ## From PyTorch
#
# The left column is PyTorch, the right one this. What is not in the table has the same name.
#
# | PyTorch | gradwalk | why |
# |---|---|---|
# | `torch.tensor(3.0)` is float32 | `Tensor(3.0)` is float64 | to test derivatives; else `dtype=` |
# | `x.sum(dim=1, keepdim=True)` | `x.sum(axis=1, keepdims=True)` | as in NumPy; `np.sum(x)` works, too |
# | `x.view(2, 3)` | `x.reshape(2, 3)` | NumPy again |
# | `x.grad` is a tensor | `x.grad` is an array | to differentiate a gradient: `autograd.grad(autograd.grad(f))` |
# | `loss.backward(retain_graph=True)` | `loss.backward()` | the graph stays |
# | `torch.manual_seed(0)` | `rng=np.random.default_rng(0)` | handed to each layer; or `nn.manual_seed(0)` |
# | `.to("cuda")` | `record(...).to_jax()` | a recorded program goes to an accelerator |
#
# This is PyTorch (in float64), with what it printed:
#
# ```python
# x = (torch.arange(32.0).reshape(1, 2, 4, 4) / 10).sin()
# w = (torch.arange(54.0).reshape(3, 2, 3, 3) / 7).cos().requires_grad_()
# b = torch.tensor([0.1, -0.2, 0.3], requires_grad=True)
# y = F.max_pool2d(F.conv2d(x, w, b, padding=1).relu(), 2)
# loss = F.cross_entropy(y.flatten(1)[:, ::2], torch.tensor([4]))
# loss.backward()
# print(loss.item())                      # 0.982872
# print(w.grad[0, 0, 0])                  # 2.6421e-03, 2.8959e-03, 3.1208e-03
# print(b.grad)                           # 0.0038, 0.0000, -0.0038
# ```
#
# **Predict first.** Which of these lines have to be changed?

# %%
x = Tensor(np.sin(np.arange(32.0).reshape(1, 2, 4, 4) / 10))
w = Tensor(np.cos(np.arange(54.0).reshape(3, 2, 3, 3) / 7), requires_grad=True)
b = Tensor([0.1, -0.2, 0.3], requires_grad=True)
y = F.max_pool2d(F.conv2d(x, w, b, padding=1).relu(), 2)
loss = F.cross_entropy(y.reshape(1, 12)[:, ::2], np.array([4]))
loss.backward()
print(f"{loss.item():.6f}", w.grad[0, 0, 0].round(7), b.grad.round(4))
assert np.isclose(loss.item(), 0.9828716776748725, rtol=1e-12)
assert np.allclose(w.grad[0, 0, 0], [2.6421e-03, 2.8959e-03, 3.1208e-03], atol=5e-8)
assert np.allclose(b.grad, [0.0038, 0.0, -0.0038], atol=5e-5)
draw(loss, depth=0, heat=True, rankdir="TB")

# %% [markdown]
# Those that make an array. The layers have not changed. A loop for training has not either:
#
# ```python
# model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 10))
# optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
# for images, labels in loader:
#     optimizer.zero_grad()
#     loss = F.cross_entropy(model(images), labels)
#     loss.backward()
#     optimizer.step()
# ```

# %%
digits = nn.load_digits(seed=0)
rng = np.random.default_rng(0)
loader = nn.DataLoader(digits.train, batch_size=32, shuffle=True, seed=0)
model = nn.Sequential(nn.Conv2d(1, 4, 3, rng=rng), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 10, rng=rng))
optimizer = nn.Adam(model.parameters(), lr=0.02)
for _ in range(4):
    for images, labels in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(Tensor(images)), labels)
        loss.backward()
        optimizer.step()
reached = nn.accuracy(model(Tensor(digits.held_out[0])), digits.held_out[1])
print("held-out digits read right: more than 90%")
assert reached > 0.9

# %% [markdown]
# Parameters have PyTorch's names, and weights travel in safetensors files, which `safetensors.torch` reads. In the
# other direction `nn.from_torch(module)` takes a module with its weights.

# %%
print(list(model.state_dict()))
assert list(model.state_dict()) == ["0.weight", "0.bias", "4.weight", "4.bias"]
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "digits.safetensors")
    nn.save(model, path)
    twin = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 10))
    assert nn.load(twin, path) == ([], [])
assert np.array_equal(twin(Tensor(digits.held_out[0])).data, model(Tensor(digits.held_out[0])).data)

# %% [markdown]
# Where a habit does not fit, the message says what to write:

# %%
try:
    Tensor([[1.0, 2.0]]).view(2, 1)
    raise AssertionError("view was found")
except AttributeError as error:
    print(error)

# %% [markdown]
# ## From Keras
#
# | Keras | gradwalk | |
# |---|---|---|
# | `Conv2D(32, 3, activation="relu")` | `nn.Conv2d(1, 32, 3), nn.ReLU()` | sizes are given; an activation is a layer |
# | `padding="same"` | `padding="same"` | with a stride Keras pads more behind than before |
# | `Dense(10, activation="softmax")` | `nn.Linear(36, 10)`, `F.cross_entropy` | scores, not probabilities |
# | `model.compile(...)`, `model.fit(...)` | `nn.fit(model, loader, optimizer=..., loss=...)` | one call |
# | images (N, H, W, C), kernels (H, W, I, O) | images (N, C, H, W), kernels (O, I, H, W) | the axes turn |
#
# The last row is where a model moved by hand goes wrong. This is what Keras computes, in plain NumPy: channels last, a
# kernel (H, W, I, O), then flattened, then a dense layer.


# %%
def keras_model(images, kernel, bias, dense, dense_bias):
    """(N, H, W, C) -> scores, as Conv2D, ReLU, Flatten and Dense compute them."""
    patches = np.lib.stride_tricks.sliding_window_view(images, kernel.shape[:2], axis=(1, 2))  # (N, OH, OW, C, kh, kw)
    feature = np.maximum(np.einsum("nhwcij,ijco->nhwo", patches, kernel) + bias, 0.0)
    return feature.reshape(len(images), -1) @ dense + dense_bias


rng = np.random.default_rng(1)
images = rng.normal(size=(2, 5, 5, 3))
weights = [rng.normal(size=shape) for shape in ((3, 3, 3, 4), (4,), (36, 2), (2,))]  # as get_weights() has them
expected = keras_model(images, *weights)

model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(36, 2))
kernel, bias, dense, dense_bias = weights
model.load_state_dict({
    "0.weight": nn.from_keras_kernel(kernel), "0.bias": bias,
    "3.weight": nn.from_keras_kernel(dense), "3.bias": dense_bias,
})  # fmt: skip
channels_first = np.moveaxis(images, -1, 1)
feature = model[1](model[0](Tensor(channels_first)))

# %% [markdown]
# **Predict first.** All weights are turned as they should be. Are the scores the same?

# %%
scores = model(Tensor(channels_first))
print("the scores agree:", np.allclose(scores.data, expected))
assert not np.allclose(scores.data, expected)

# %% [markdown]
# No. `Flatten` reads pixel by pixel with the channels inside in Keras, and channel by channel here, so the dense layer
# meets its 36 numbers in another order. Its rows have to move with them:

# %%
rows = dense.reshape(3, 3, 4, 2).transpose(2, 0, 1, 3).reshape(36, 2)  # (H, W, C, O) -> (C, H, W, O)
model[3].weight.data = nn.from_keras_kernel(rows)
scores = model(Tensor(channels_first))
print("the scores agree:", np.allclose(scores.data, expected))
assert np.allclose(scores.data, expected)

# %% [markdown]
# (Behind a global pooling there is nothing to move.) And what Keras does not have: any of it can be checked, and opened
# down to the single product.

# %%
report = nn.check_gradients(model, (channels_first, np.array([0, 1])), F.cross_entropy, directions=1)
assert report
print(report)
draw(model(Tensor(channels_first[:1])), element=(0, 1), max_nodes=12)

# %% [markdown]
# ## What to take along
#
# - From micrograd: change the imports. Interior gradients are fresh in each pass, and nothing recurses.
# - From PyTorch: the layers are PyTorch's, the arrays are NumPy's.
# - From Keras: turn the axes, and mind the dense layer behind a `Flatten`.
