# %% [markdown]
# # Watching a network learn
#
# A falling loss says that something is learned; it does not say what, nor why a network that ought to learn does not.
# This notebook looks inside. First at a network that learns: its kernels, its feature maps and their gradients, step
# after step. Then at three that fail: one whose units have died, one whose gradients fade on the way down, and one
# whose loss becomes NaN.
#
# **To run it:** `pip install '.[demo]'` in a checkout of gradwalk, then open it in JupyterLab or VS Code. In Colab,
# upload the wheel that `make wheel` builds, and first run `%pip uninstall -y autograd` (another package of that name)
# and `%pip install "gradwalk-0.1.0-py3-none-any.whl[demo]"` in a cell of its own.

# %%
import numpy as np

import nn
import nn.functional as F
from autograd import AnomalyError, Tensor, detect_anomaly, nonfinite_origin
from viz import draw

digits = nn.load_digits(seed=0)
images, labels = digits.train
held_out, answers = digits.held_out


def mosaics(pictures, name, gradients=None):
    """(moments, 6, height, width): the six pictures of each moment as one, in two rows; zero is white."""

    def laid_out(pictures):
        padded = np.pad(np.asarray(pictures, dtype=float), ((0, 0), (0, 0), (0, 1), (0, 1)))  # a gap between
        moments, _, height, width = padded.shape
        rows = padded.reshape(moments, 2, 3, height, width).transpose(0, 1, 3, 2, 4)
        return rows.reshape(moments, 2 * height, 3 * width)[:, :-1, :-1]

    sheet = Tensor(laid_out(pictures), requires_grad=gradients is not None, name=name)
    if gradients is not None:
        sheet.grad = laid_out(gradients)
    return draw(sheet, heat=True)


# %% [markdown]
# ## One that learns
#
# Six kernels, ReLU, pooling, and ten scores: 616 parameters, on 8 × 8 images of handwritten digits. In front of some
# steps the kernels are put aside, and for one image of a seven its six feature maps and what the loss asks of them.

# %%
rng = np.random.default_rng(0)
model = nn.Sequential(nn.Conv2d(1, 6, 3, rng=rng), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(54, 10, rng=rng))
seven = images[labels == 7][:1]
kept = {"kernels": [], "features": [], "asked": [], "loss": []}
moments = (0, 10, 40, 179)


def look():
    """Put the kernels aside, and the feature maps of the seven with their gradients."""
    feature = model[0](Tensor(seven))
    loss = F.cross_entropy(model[1:](feature), np.array([7]))
    loss.backward()
    kept["kernels"].append(model[0].weight.data[:, 0].copy())
    kept["features"].append(feature.data[0])
    kept["asked"].append(feature.grad[0])
    kept["loss"].append(loss.item())
    model.zero_grad()


def train(model, optimizer, steps, before=lambda step: None):
    """The losses of some steps."""
    order = np.random.default_rng(1)
    losses = []
    for step in range(steps):
        before(step)
        chosen = order.choice(len(images), size=32, replace=False)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(Tensor(images[chosen])), labels[chosen])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


losses = train(model, nn.Adam(model.parameters(), lr=0.02), 180, lambda step: look() if step in moments else None)
reached = nn.accuracy(model(Tensor(held_out)), answers)
print(
    f"loss {losses[0]:.2f} at first, {np.mean(losses[-20:]):.2f} at the end; {reached:.0%} of new digits are read right"
)
assert np.mean(losses[-20:]) < 0.5
assert reached > 0.9

# %% [markdown]
# **Predict first.** The kernels begin as noise. Which will change more: their signs, or their sizes?

# %%
mosaics(kept["kernels"], "kernels at 4 moments")

# %%
first, last = kept["kernels"][0], kept["kernels"][-1]
same_sign = (np.sign(first) == np.sign(last)).mean()
growth = np.sqrt((last**2).mean() / (first**2).mean())
print(f"{same_sign:.0%} of the weights keep their sign; the size of a weight is {growth:.1f} times what it was")
assert same_sign > 2 / 3
assert growth > 1.2

# %% [markdown]
# Mostly their sizes. A kernel that happens to be a little of an edge becomes more of one; training chooses among
# accidents. (From left to right: before steps 0, 10, 40 and 179. Orange is above zero, blue below.)
#
# The six feature maps of the seven at these moments, and below them the gradients: what should become larger (blue: the
# loss falls as it rises) or smaller.

# %%
mosaics(kept["features"], "feature maps of a 7", kept["asked"])

# %% [markdown]
# **Predict first.** The last of the gradients are pale. Has the network stopped looking at the image?

# %%
sizes = [np.abs(each).max() for each in kept["asked"]]
for moment, value, size in zip(moments, kept["loss"], sizes, strict=True):
    print(f"step {moment:3}: loss of the seven {value:.2f}, largest gradient {size:.3f}")
assert kept["loss"][-1] < 0.1 * kept["loss"][0]
assert sizes[-1] < 0.5 * max(sizes)

# %% [markdown]
# No; it is content. Behind cross entropy the gradient is $p - y$, and $p$ of the seven is nearly 1. A gradient is not
# what a network looks at, but what it would still change.
#
# ## Dead units
#
# A ReLU whose argument is below 0 for *every* image hands back nothing. Its weights do not move, so it stays there. One
# step with too large a learning rate is enough.


# %%
def layers(depth, width, activation, rng, scale):
    """A network of `depth` hidden layers, with weights of standard deviation scale / √inputs."""
    parts, inputs = [nn.Flatten()], 64
    for _ in range(depth):
        linear = nn.Linear(inputs, width, rng=rng)
        linear.weight.data = rng.normal(size=(width, inputs)) * scale / np.sqrt(inputs)
        linear.bias.data = np.zeros(width)
        parts += [linear, activation()]
        inputs = width
    return nn.Sequential(*parts, nn.Linear(inputs, 10, rng=rng))


def dead(model):
    """For each ReLU layer, which units are 0 for all images."""
    found, x = [], Tensor(images)
    for part in model:
        x = part(x)
        if isinstance(part, nn.ReLU):
            found.append((x.data <= 0).all(axis=0))
    return found


for rate in (0.1, 1.0, 3.0):
    model = layers(2, 16, nn.ReLU, np.random.default_rng(2), np.sqrt(2))
    losses = train(model, nn.SGD(model.parameters(), lr=rate), 8)
    counts = [int(each.sum()) for each in dead(model)]
    print(f"learning rate {rate:4}: dead units {counts} of [16, 16]")
    if rate == 0.1:
        assert counts == [0, 0]
assert sum(counts) > 8

# %% [markdown]
# **Predict first.** The last network has lost most of its units. Now train it with a sensible rate. Will they come
# back?

# %%
before = dead(model)
weights = model[1].weight.data.copy()
losses = train(model, nn.SGD(model.parameters(), lr=0.1), 60)
after = dead(model)
revived = int((before[0] & ~after[0]).sum())
print("dead before:", [int(each.sum()) for each in before], " after:", [int(each.sum()) for each in after])
moved = np.abs(model[1].weight.data - weights).max(axis=1)
of_dead, of_others = moved[before[0]].max(), moved[~before[0]].max()
print(f"largest change of a weight: {of_dead:.0f} of the dead units, {of_others:.2g} of the others")
assert revived == 0
assert of_dead == 0 < of_others

# %% [markdown]
# Not one, and not a weight of theirs has moved. The picture of a graph says why a gradient is 0. Here is one dead unit,
# for one image, down to the single number:

# %%
lost = int(np.flatnonzero(after[0])[0])
unit = Tensor(model[1].weight.data[lost], requires_grad=True, name="weights")
kept_pixels = np.argsort(-np.abs(images[0].ravel()))[:4]
score = (unit[kept_pixels] * images[0].ravel()[kept_pixels]).sum() + model[1].bias.data[lost]
closed = score.relu()
closed.backward()
assert closed.item() == 0.0
assert not unit.grad.any()
draw(closed)

# %% [markdown]
# (Of its 64 pixels the brightest four.) Remedies: a smaller rate; a ReLU that leaks (`nn.LeakyReLU`), which always
# hands back something; normalization, which keeps arguments around 0.
#
# ## Gradients that fade
#
# Twelve layers. Each hands back its upstream gradient, times the activation's slope, times its weights. The slope of
# the sigmoid is at most 1/4. **Predict first.** By which factor is the gradient of the first layer's output smaller
# than that of the last?


# %%
def gradient_sizes(activation, scale):
    """For each hidden layer, the root mean square of its output's gradient, before any training."""
    outputs, x = [], Tensor(images[:64])
    for part in layers(12, 16, activation, np.random.default_rng(3), scale):
        x = part(x)
        if isinstance(part, activation):
            outputs.append(x)
    F.cross_entropy(x, labels[:64]).backward()
    return [np.sqrt((output.grad**2).mean()) for output in outputs]


fading = {
    "sigmoid": gradient_sizes(nn.Sigmoid, 1.0),
    "tanh, weights half as large": gradient_sizes(nn.Tanh, 0.5),
    "tanh": gradient_sizes(nn.Tanh, 1.0),
    "ReLU, √2 as large": gradient_sizes(nn.ReLU, np.sqrt(2)),
}
for name, sizes in fading.items():
    print(f"{name:28} first layer : last layer about 1e{round(np.log10(sizes[0] / sizes[-1])):+}")
assert fading["sigmoid"][0] < 1e-6 * fading["sigmoid"][-1]
assert fading["tanh, weights half as large"][0] < 1e-2 * fading["tanh, weights half as large"][-1]
assert fading["ReLU, √2 as large"][0] > 0.1 * fading["ReLU, √2 as large"][-1]

# %% [markdown]
# In colour: one row for each, in the order above, the first layer at the left; how many powers of ten lie between a
# layer's gradient and the last one's. White is as large as the last.

# %%
powers = [np.log10(np.array(sizes) / sizes[-1]) for sizes in fading.values()]
draw(Tensor(np.array(powers), name="powers of ten"), heat=True)

# %% [markdown]
# So the sigmoid's first layers wait for a gradient that does not come, while the scale of the weights alone decides
# over the others: $\sqrt{2/n}$ for ReLU, which closes one half, $\sqrt{1/n}$ for tanh. These are the standard
# initializations, of Kaiming He and of Xavier Glorot. Does it matter to learning?

# %%
reached = {}
for scale in (0.5, 1.0):
    model = layers(12, 16, nn.Tanh, np.random.default_rng(3), scale)
    train(model, nn.SGD(model.parameters(), lr=0.1), 250)
    reached[scale] = nn.accuracy(model(Tensor(held_out)), answers)
    told = "more than four digits in ten" if reached[scale] > 0.4 else "one digit in ten, which is a guess"
    print(f"tanh, weights {scale} times as large: reads {told}")
assert reached[0.5] < 0.2
assert reached[1.0] > 0.4

# %% [markdown]
# The same network, the same images, the same rate; only the scale of the noise that it began with differs.
#
# ## Where a NaN comes from
#
# A loss written as in a book: softmax, then the logarithm, then $y \log p$. It works for days.


# %%
def loss_of_the_book(scores, wanted):
    exps = scores.exp()
    p = exps / exps.sum(axis=1, keepdims=True)
    return -(wanted * p.log()).sum() / len(wanted)


wanted = np.eye(10)[labels[:4]]
weights = Tensor(np.random.default_rng(4).normal(size=(64, 10)), requires_grad=True, name="weights")
pixels = images[:4].reshape(4, 64)
print(f"loss {loss_of_the_book(pixels @ weights, wanted).item():.3f}")

weights.data = 300 * weights.data  # as after a step that was too large
with np.errstate(all="ignore"):
    loss = loss_of_the_book(pixels @ weights, wanted)
print("loss", loss.item())
assert np.isnan(loss.item())

# %% [markdown]
# **Predict first.** Four operations could be to blame: `exp`, the division, `log`, the product with `wanted`. In which
# does the first number appear that is not finite? (It need not be a NaN.)

# %%
origin = nonfinite_origin(loss)
assert origin.value is not None
assert origin.node.op == "exp"
origin

# %% [markdown]
# `exp` of a number above 709 is no longer a double. The NaN comes one step later, as ∞/∞. While one is still looking,
# `detect_anomaly` stops the program there, with the line:

# %%
try:
    with detect_anomaly(), np.errstate(all="ignore"):
        loss_of_the_book(pixels @ weights, wanted)
    raise AssertionError("nothing was seen")
except AnomalyError as error:
    print(str(error).splitlines()[0])

# %% [markdown]
# The library's loss takes scores, and takes their largest out before `exp`. It is the same function, and finite:

# %%
right = F.cross_entropy(pixels @ weights, labels[:4])
right.backward()
print("finite:", bool(np.isfinite(right.item())), " gradients too:", bool(np.isfinite(weights.grad).all()))
assert np.isfinite(right.item())
assert np.isfinite(weights.grad).all()
weights.data = weights.data / 300
assert np.isclose(
    F.cross_entropy(pixels @ weights, labels[:4]).item(), loss_of_the_book(pixels @ weights, wanted).item()
)

# %% [markdown]
# ## What to take along
#
# - Look at weights, activations *and* gradients: each can be sound while another is not.
# - A closed ReLU hands back nothing, a dead one for ever. A sigmoid hands back at most a quarter, in each layer.
# - A NaN is the end of a story. Ask for the first number that was not finite.
