# %% [markdown]
# # Backprop ninja
#
# A small network with everything that makes a backward pass interesting: a matrix product, batch normalization,
# $\tanh$, a second matrix product, softmax and cross entropy. You derive the gradient of every intermediate number on
# paper, one line of NumPy each, and each line is checked before the next one uses it. At the end the network is trained
# by your lines alone.
#
# (The exercise is Andrej Karpathy's, of his lecture "Becoming a backprop ninja". Cover the lines that begin with `d`,
# and write them yourself.)
#
# **To run it:** `pip install '.[demo]'` in a checkout of gradwalk, then open it in JupyterLab or VS Code. In Colab,
# upload the wheel that `make wheel` builds, and first run `%pip uninstall -y autograd` (another package of that name)
# and `%pip install "gradwalk-0.1.0-py3-none-any.whl[demo]"` in a cell of its own.

# %%
import numpy as np

import nn
import nn.functional as F
from autograd import Tensor, check_by_hand, check_grad
from viz import draw, play

rng = np.random.default_rng(3)

# %% [markdown]
# ## The network
#
# Images of the digits 0, 1 and 2, averaged to 4 × 4 pixels; 6 of them for a start. Five hidden units, three scores.

# %%
digits = nn.load_digits(seed=0)


def small(images, labels):
    """The zeros, ones and twos, as rows of 16 numbers."""
    chosen = labels < 3
    return images[chosen].reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16), labels[chosen]


images, labels = small(*digits.train)
n, eps = 6, 1e-5
x, wanted = images[:n], labels[:n]
start = {
    "w1": rng.normal(size=(16, 5)) * 0.5, "b1": rng.normal(size=5) * 0.1,
    "gamma": rng.normal(size=5) * 0.2 + 1.0, "beta": rng.normal(size=5) * 0.1,
    "w2": rng.normal(size=(5, 3)), "b2": rng.normal(size=3) * 0.1,
}  # fmt: skip
print(wanted)
assert len(set(wanted)) == 3

# %% [markdown]
# The forward pass, in steps so small that each has one derivative rule. `nodes` keeps every one of them, by its name.


# %%
def forward(x, wanted, w1, b1, gamma, beta, w2, b2):
    """Each step of the network, by name; the last is the loss."""
    n = len(x)
    z1 = x @ w1 + b1  # (n, 5)
    mean = z1.sum(axis=0) / n  # (5,)
    centred = z1 - mean
    variance = (centred * centred).sum(axis=0) / n  # (5,)
    inverse = (variance + eps) ** -0.5
    normal = centred * inverse  # (n, 5), of mean 0 and variance 1
    z2 = gamma * normal + beta
    h = np.tanh(z2)
    scores = h @ w2 + b2  # (n, 3)
    exps = np.exp(scores)
    total = exps.sum(axis=1, keepdims=True)  # (n, 1)
    logp = scores - np.log(total)
    loss = -logp[np.arange(n), wanted].sum() / n
    return {key: value for key, value in locals().items() if key not in ("x", "wanted", "n")}


parameters = {name: Tensor(value, requires_grad=True, name=name) for name, value in start.items()}
nodes = forward(x, wanted, **parameters)
for name, node in nodes.items():
    node.name = name
loss = nodes["loss"]
print(f"loss {loss.item():.4f}; by chance {np.log(3):.4f}")
draw(loss, of=nodes["scores"])

# %% [markdown]
# That is its end, from the scores on; the rest comes further down. It is the network that `nn` has ready-made:

# %%
p = parameters
by_nn = F.cross_entropy(
    F.batch_norm(x @ p["w1"] + p["b1"], None, None, p["gamma"], p["beta"], training=True).tanh() @ p["w2"] + p["b2"],
    wanted,
)
assert np.isclose(by_nn.item(), loss.item())

# %% [markdown]
# From here on only numbers: plain arrays under the same names, and for each an answer of yours. `check_by_hand` holds
# an answer against the true gradient, and says where the slip is.

# %%
v = {name: node.data for name, node in nodes.items()}
w1, b1, gamma, beta, w2, b2 = (v[name] for name in start)
z1, centred, variance, inverse, normal, h = (v[key] for key in ("z1", "centred", "variance", "inverse", "normal", "h"))
exps, total = v["exps"], v["total"]
rows = np.arange(n)


def check(**answers):
    """Your gradients, by the names of what they belong to, against the true ones."""
    return check_by_hand(loss, answers, names=nodes)


def right(**answers):
    """As `check`, for many numbers: one line for each name."""
    assert check(**answers).right, check(**answers)
    print(*(f"d{name:9} {answer.size:3} numbers right" for name, answer in answers.items()), sep="\n")


# %% [markdown]
# ## The loss
#
# $$L = -\frac{1}{n} \sum_r \log p_{r,\,y_r} \qquad \log p_{rk} = s_{rk} - \log t_r \qquad t_r = \sum_k e^{s_{rk}}$$
#
# **Predict first.** Of the 18 numbers in `logp` the loss picks 6. What are the gradients of the other 12?

# %%
dlogp = np.zeros((n, 3))
dlogp[rows, wanted] = -1 / n
check(logp=dlogp)

# %% [markdown]
# `total` is one number for each row, and all three numbers of a row used it: broadcast forwards, summed backwards.
# (With $\partial(-\log t)/\partial t = -1/t$.)

# %%
dtotal = (-dlogp / total).sum(axis=1, keepdims=True)
dexps = np.broadcast_to(dtotal, exps.shape)  # summed forwards, broadcast backwards
right(total=dtotal, exps=dexps)

# %% [markdown]
# The scores are used twice: in `logp` directly, and by way of `exps`. This is the answer of somebody who forgot one.

# %%
forgetful = check(logp=dlogp, total=dtotal, exps=dexps, scores=dlogp)
assert not forgetful.right
assert all(row.verdict == "right" for row in forgetful if not row.symbol.startswith("scores"))
dscores = dlogp + dexps * exps
right(scores=dscores)
forgetful

# %% [markdown]
# **Predict first.** What does this come to, in one line, if you put everything in? And what is the sum of each row?

# %%
softmax = exps / total
shortcut = softmax.copy()
shortcut[rows, wanted] -= 1
shortcut /= n
assert np.allclose(shortcut, dscores, rtol=1e-12, atol=1e-12)
assert np.allclose(dscores.sum(axis=1), 0, atol=1e-12)
draw(Tensor(shortcut, name="softmax minus what was wanted, divided by n"), heat=True)

# %% [markdown]
# The well-known $(p - y)/n$: negative (blue) for the digit that was wanted, positive for the others, 0 in each row.
#
# ## The second matrix product
#
# $$s = h\, w_2 + b_2$$
#
# No rule has to be remembered; the shapes leave one way only. $\partial L/\partial h$ is (6, 5), and is made of (6, 3)
# and (5, 3).

# %%
dh = dscores @ w2.T
dw2 = h.T @ dscores
db2 = dscores.sum(axis=0)
right(h=dh, w2=dw2, b2=db2)

# %% [markdown]
# ## Tanh, scale and shift
#
# $$h = \tanh z_2 \qquad z_2 = \gamma\, \hat z + \beta$$

# %%
dz2 = dh * (1 - h * h)
dgamma = (dz2 * normal).sum(axis=0)
dbeta = dz2.sum(axis=0)
dnormal = dz2 * gamma
right(z2=dz2, gamma=dgamma, beta=dbeta, normal=dnormal)

# %% [markdown]
# ## Batch normalization
#
# $$\hat z = (z_1 - \mu)\,(\sigma^2 + \varepsilon)^{-1/2} \qquad \mu = \frac1n \sum_r z_{1,r} \qquad
# \sigma^2 = \frac1n \sum_r (z_{1,r} - \mu)^2$$
#
# Here most go wrong. **Predict first.** On how many ways does one number of $z_1$ reach its own column's $\hat z$?

# %%
draw(nodes["normal"], of=nodes["z1"])

# %% [markdown]
# Straight ahead, through the mean, through the variance, and through the mean inside the variance. Backwards, one
# after the other. `centred` is used by `normal`, and twice by its own square:

# %%
dinverse = (dnormal * centred).sum(axis=0)
dvariance = dinverse * -0.5 * (variance + eps) ** -1.5
dcentred = dnormal * inverse + 2 / n * centred * dvariance
dmean = -dcentred.sum(axis=0)
dz1 = dcentred + dmean / n
right(inverse=dinverse, variance=dvariance, centred=dcentred, mean=dmean, z1=dz1)

# %% [markdown]
# And with the variance's way left out, as in many a first attempt? The numbers are of the right size, and most have the
# right sign. Training would go on, badly.

# %%
without = dnormal * inverse - (dnormal * inverse).mean(axis=0)
same_sign = (np.sign(without) == np.sign(dz1)).mean()
angle = (without * dz1).sum() / np.sqrt((without**2).sum() * (dz1**2).sum())
print(f"{same_sign:.0%} of the signs are right; cosine between wrong and true {angle:.2f}")
assert not check(z1=without).right
assert 0 < angle < 0.999

# %% [markdown]
# On paper all of it comes to one line. Each column of $\partial L/\partial z_1$ is that of $\hat z$, minus its mean,
# minus its part along $\hat z$:
#
# $$\frac{\partial L}{\partial z_1} = (\sigma^2 + \varepsilon)^{-1/2} \Big( \frac{\partial L}{\partial \hat z} -
# \overline{\frac{\partial L}{\partial \hat z}} - \hat z\; \overline{\hat z\, \frac{\partial L}{\partial \hat z}}
# \Big)$$

# %%
in_one_line = inverse * (dnormal - dnormal.mean(axis=0) - normal * (normal * dnormal).mean(axis=0))
assert np.allclose(in_one_line, dz1, rtol=1e-9, atol=1e-12)
assert abs(in_one_line.sum(axis=0)).max() < 1e-12

# %% [markdown]
# ## The first matrix product
#
# $$z_1 = x\, w_1 + b_1$$
#
# **Predict first.** $b_1$ is added to every row alike, and then the mean is subtracted. What is its gradient?

# %%
dw1 = x.T @ dz1
db1 = dz1.sum(axis=0)
right(w1=dw1)
loss.backward()
print("largest db1 by hand:", "0 but for rounding" if abs(db1).max() < 1e-12 else abs(db1).max())
assert abs(db1).max() < 1e-12
assert abs(parameters["b1"].grad).max() < 1e-12
assert np.allclose(parameters["w1"].grad, dw1, rtol=1e-9, atol=1e-12)

# %% [markdown]
# Nothing. A bias before a batch normalization is never learned, which is why libraries leave it out there.
#
# All of this was one example with one set of numbers. That the engine itself was right about it, differences say:

# %%
report = check_grad(lambda w1, gamma, w2: forward(x, wanted, w1, b1, gamma, beta, w2, b2)["loss"], w1, gamma, w2)
assert report.passed
report

# %% [markdown]
# ## The same, step by step
#
# Every product that you wrote, in the order in which the engine makes them. Press play, or the arrow keys.

# %%
play(forward(x, wanted, **parameters)["loss"], max_nodes=None)

# %% [markdown]
# ## Trained by your lines
#
# Your lines in one function, without an engine, on all zeros, ones and twos.


# %%
def by_hand(x, wanted, w1, b1, gamma, beta, w2, b2):
    """The loss, and the gradients of gamma, beta, w1, w2 and b2."""
    v = forward(x, wanted, w1, b1, gamma, beta, w2, b2)
    dscores = v["exps"] / v["total"]
    dscores[np.arange(len(x)), wanted] -= 1
    dscores /= len(x)
    dz2 = (dscores @ w2.T) * (1 - v["h"] ** 2)
    normal, dnormal = v["normal"], dz2 * gamma
    dz1 = v["inverse"] * (dnormal - dnormal.mean(axis=0) - normal * (normal * dnormal).mean(axis=0))
    return v["loss"], {
        "gamma": (dz2 * normal).sum(axis=0), "beta": dz2.sum(axis=0),
        "w1": x.T @ dz1, "w2": v["h"].T @ dscores, "b2": dscores.sum(axis=0),
    }  # fmt: skip


first, gradients = by_hand(x, wanted, **start)
assert np.isclose(first, loss.item())
assert all(np.allclose(gradient, parameters[name].grad, atol=1e-12) for name, gradient in gradients.items())

learned = {name: value.copy() for name, value in start.items()}
for step in range(200):
    value, gradients = by_hand(images, labels, **learned)
    for name, gradient in gradients.items():
        learned[name] -= 0.5 * gradient
    if step in (0, 10, 50, 199):
        print(f"step {step:3}: loss {value:.3f}")

held_out, answers = small(*digits.held_out)
guesses = forward(held_out, answers, **learned)["scores"].argmax(axis=1)
print(f"{(guesses == answers).mean():.0%} of {len(answers)} held-out images are read right")
assert (guesses == answers).mean() > 0.9

# %% [markdown]
# ## What to take along
#
# - Go back in steps that have one rule each, and check each before the next one uses it.
# - What is broadcast forwards is summed backwards, and the other way round. What is used twice adds up.
# - Long expressions end in short ones: $(p - y)/n$, and batch normalization in one line.
