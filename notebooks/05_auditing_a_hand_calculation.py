# %% [markdown]
# # Auditing a hand calculation
#
# A document works a whole convolutional network by hand, in numbers: the forward pass, every gradient, one training
# step, and the forward pass after it. The loss falls, so all must be well. Is it? This notebook holds each printed
# number against the true one, finds three slips, shows where each was made, and asks how a wrong gradient can still
# work.
#
# **To run it:** `pip install '.[demo]'` in a checkout of gradwalk, then open it in JupyterLab or VS Code. In Colab,
# upload the wheel that `make wheel` builds, and first run `%pip uninstall -y autograd` (another package of that name)
# and `%pip install "gradwalk-0.1.0-py3-none-any.whl[demo]"` in a cell of its own.

# %%
import math
import textwrap

import numpy as np

from autograd import check_by_hand, explain
from gradwalk.seed003 import DOCUMENT, IMAGE, LEARNING_RATE, PARAMETERS, SLIPS, descend, hand_gradients, network
from viz import draw, play

# %% [markdown]
# ## The network
#
# A 4 × 4 image of a handwritten 0, two 2 × 2 kernels with stride 2, max pooling down to two numbers $x_1$ and $x_2$,
# two hidden units with ReLU, two outputs with softmax, and a loss:
#
# $$E_{total} = -\sum_{i=1}^{2} \big( y_i \log o_i + (1 - y_i) \log (1 - o_i) \big), \qquad y = (1, 0)$$
#
# `network` builds it from single numbers, named as in the document. (The pictures of image and kernels are lost; used
# here is a reconstruction that fits all that is printed.)

# %%
print(np.array(IMAGE, dtype=int))
nodes = network()  # from x1 and x2 on
E_total = nodes["E_total"]
E_total.backward()
draw(E_total, names=nodes, rankdir="TB")

# %% [markdown]
# ## The forward pass
#
# Each printed number, beside the computed one rounded to as many digits.


# %%
def as_printed(value: float, text: str) -> str:
    """The number with as many decimals as the text has."""
    return f"{value:.{len(text.partition('.')[2])}f}"


nodes = network(convolution=True)  # from the image on
differing = []
for symbol, text in DOCUMENT["forward"].items():
    computed = as_printed(nodes[symbol].data, text)
    if computed != text:
        differing.append(symbol)
    print(f"{symbol:8} printed {text:>7}   computed {computed:>7}   {'' if computed == text else '<--'}")
assert differing == ["E_total"]

# %% [markdown]
# One last digit differs. The document computed the loss from probabilities that it had rounded to four digits:

# %%
from_rounded = -(math.log(0.6318) + math.log(1 - 0.3682))
print(f"from rounded probabilities {from_rounded:.4f}, from unrounded ones {nodes['E_total'].data:.4f}")
assert as_printed(from_rounded, "0.9184") == DOCUMENT["forward"]["E_total"]

# %% [markdown]
# ## The local derivatives
#
# What one step changes for a small change of the number just before it. To have them alone, start the backward pass at
# the later number instead of at the loss.

# %%
links = {
    "o1_out by o1_in": ("o1_out", "o1_in"), "o2_out by o2_in": ("o2_out", "o2_in"),
    "h1_out by h1_in": ("h1_out", "h1_in"), "h2_out by h2_in": ("h2_out", "h2_in"),
    "o_in by Wh1o": ("o1_in", "Wh1o1"), "o_in by Wh2o": ("o1_in", "Wh2o1"), "o_in by bo": ("o1_in", "bo1"),
    "h_in by Wx1h": ("h1_in", "Wx1h1"), "h_in by Wx2h": ("h1_in", "Wx2h1"), "h_in by bh": ("h1_in", "bh1"),
}  # fmt: skip
for line, text in DOCUMENT["local derivatives"].items():
    later, earlier = links[line]
    nodes = network()
    nodes[later].backward()
    print(f"{line:16} printed {text:>7}   computed {nodes[earlier].grad:>7.4g}")
    assert as_printed(nodes[earlier].grad, text) == text

# %% [markdown]
# All ten are right.
#
# ## The gradients
#
# **Predict first.** The document differentiates the softmax as $\partial o_1/\partial o_{1,in} = 0.2326$ and $\partial
# o_2/\partial o_{2,in} = 0.2326$, and goes on with these two. Is there anything else that $o_{1,in}$ changes?
#
# `check_by_hand` compares all thirty printed gradients with the true ones. An arrow → marks a number that is wrong only
# because the one before it was: the slip is named once, where it was made.

# %%
nodes = network(convolution=True)
check = check_by_hand(nodes["E_total"], DOCUMENT["gradients"], names=nodes)
assert len(check) == 30
assert not check.right
assert [group.slip for group in check.slips] == ["cross terms", "stray factor"]
check

# %% [markdown]
# ### Slip 1: the cross terms
#
# Softmax divides by a sum, and so ties its outputs together: $o_{1,in}$ changes $o_2$ as well. The derivation has two
# terms, and the document kept the first.

# %%
nodes["E_total"].backward()
assert math.isclose(nodes["o1_in"].grad, 2 * float(DOCUMENT["gradients"]["o1_in"]), rel_tol=1e-3)
explain(nodes["E_total"], nodes["o1_in"])

# %% [markdown]
# With two outputs both terms are equally large, so everything behind the softmax is exactly half of what it should be.
#
# ### Slip 2: a stray factor
#
# **Predict first.** The hidden unit $h_2$ is closed: its input is negative. How much of the gradient of $x_1$ and $x_2$
# comes through it?

# %%
wanted = ("h1_in", "h1_out", "h2_in", "h2_out", "x1", "x2")
for symbol in wanted:
    print(f"∂E/∂{symbol:7} true {nodes[symbol].grad:+.4f}   printed {DOCUMENT['gradients'].get(symbol, '—')}")
assert nodes["h2_in"].grad == 0.0

# %% [markdown]
# Nothing. But where the derivatives of ReLU, 1 and 0, belong, the document's formula for $x_1$ and $x_2$ has 0.2326,
# the softmax's, both times: the open unit is shrunk, and the closed one lets through what it should stop.
#
# ### Slip 3: rounding on the way
#
# Marked ≈ above: each product was rounded to four digits before the next one used it.
#
# ## Is that all?
#
# Here is the document's arithmetic as a program in which each slip can be made or not. With all three it must print the
# document's numbers, every one; with none it must give the true gradient. Then nothing else is wrong.

# %%
for name, explanation in SLIPS.items():
    print(textwrap.fill(f"{name}: {explanation}", 88), end="\n\n")

with_slips, without = hand_gradients(), hand_gradients(slips=())
for symbol, text in DOCUMENT["gradients"].items():
    assert as_printed(with_slips[symbol] + 0.0, text) == text  # + 0.0: a zero has no sign
    assert math.isclose(without[symbol], nodes[symbol].grad, rel_tol=1e-12, abs_tol=1e-15)
print("with the slips: every printed number; without them: the true gradient")

# %% [markdown]
# ## The step, and the second forward pass
#
# The document takes one step of gradient descent and runs the network again. Below are the printed numbers, what its
# own step leads to, and what the true step leads to.
#
# **Predict first.** Its gradient is half of the true one or worse. Will the loss rise, stay, or fall less?

# %%
true_gradients = {name: nodes[name].grad for name in PARAMETERS}
after_document = network(descend(hand_gradients()), convolution=True)
after_true = network(descend(true_gradients), convolution=True)

printed = DOCUMENT["second forward"]
for symbol in ("o1_in", "o2_in", "o1_out", "o2_out", "E_total"):
    own, true = after_document[symbol].data, after_true[symbol].data
    print(f"{symbol:8} printed {printed[symbol]:>9}   its own step {own:.6f}   the true step {true:.6f}")
    assert as_printed(own, printed[symbol]) == printed[symbol]

before = network(convolution=True)["E_total"].data
own, true = (before - after["E_total"].data for after in (after_document, after_true))
print(f"\nthe loss falls by: printed {printed['reduction']}   its own step {own:.4f}   the true step {true:.4f}")
assert true > 1.9 * own > 0

# %% [markdown]
# The second forward pass is right to its last printed digit (the reduction was taken from two rounded losses), and the
# loss did fall. That is what makes such slips so durable: any direction that points downhill makes a loss fall. Half a
# gradient is a gradient with half the learning rate.
#
# "... and will converge to 0 if it is repeated several times", the document ends. With the true gradient it does:

# %%
parameters = dict(PARAMETERS)
for step in range(101):
    nodes = network(parameters, convolution=True)
    nodes["E_total"].backward()
    if step % 20 == 0:
        print(f"after {step:3} steps: E_total = {nodes['E_total'].data:.4f}")
    parameters = {name: value - LEARNING_RATE * nodes[name].grad for name, value in parameters.items()}
assert nodes["E_total"].data < 0.02

# %% [markdown]
# ## Would a test have found it?
#
# A falling loss did not. A difference of the loss does: raise one parameter a little, and compare the change with the
# printed gradient.


# %%
def loss_with(name: str, change: float) -> float:
    return network(dict(PARAMETERS) | {name: PARAMETERS[name] + change}, convolution=True)["E_total"].data


h = 1e-5
for name in ("bo1", "Wh1o1", "Wx1h1", "b_w1"):
    slope = (loss_with(name, h) - loss_with(name, -h)) / (2 * h)
    print(f"∂E/∂{name:6} by differences {slope:+.4f}   printed {DOCUMENT['gradients'][name]:>8}")
    assert abs(slope - true_gradients[name]) < 1e-6
    assert abs(slope - float(DOCUMENT["gradients"][name])) > 0.01

# %% [markdown]
# ## Your turn
#
# Play the network's backward pass with "predict first" switched on: can you say the next number before it appears?

# %%
nodes = network()
play(nodes["E_total"], names=nodes)

# %% [markdown]
# ## What to take along
#
# - A loss that falls proves nothing about a gradient.
# - Every input of a softmax changes every output: its derivative is a matrix, not a list.
# - Check a hand calculation number by number, from the loss down; most wrong numbers are only heirs of the first one.
#
# Next: *Training a CNN from its formulas*.
