"""The table of a model: Keras' counts, shapes, and what stays as it was."""

import numpy as np
import pytest

import nn

TABLE = """\
Model: "cnn"
_______________________________________________________________________
 Layer (type)       Output Shape          Param #  Mult-adds      Kept
=======================================================================
 conv1 (Conv2d)     (None, 32, 26, 26)        320    194,688  346.1 kB
 pool (MaxPool2d)   (None, 32, 13, 13)          0          0   43.3 kB
 conv2 (Conv2d)     (None, 64, 11, 11)     18,496  2,230,272  123.9 kB
 flatten (Flatten)  (None, 7744)                0          0       0 B
 scores (Linear)    (None, 10)             77,450     77,440     160 B
=======================================================================
Total params: 96,266
Trainable params: 77,770
Non-trainable params: 18,496
Multiply-adds: 2,502,400
Kept for backward: 513.4 kB
_______________________________________________________________________
"""


def cnn():
    model = nn.Sequential(
        {
            "conv1": nn.Conv2d(1, 32, 3),
            "pool": nn.MaxPool2d(2),
            "conv2": nn.Conv2d(32, 64, 3),
            "flatten": nn.Flatten(),
            "scores": nn.Linear(64 * 11 * 11, 10),
        },
        name="cnn",
    )
    for parameter in model.conv2.parameters():
        parameter.requires_grad_(False)
    return model


def test_the_table_is_printed_with_the_counts_that_keras_prints(capsys):
    assert cnn().summary((1, 28, 28)) is None
    assert capsys.readouterr().out == TABLE


def test_the_summary_holds_the_numbers():
    summary = nn.summarize(cnn(), (1, 28, 28))
    assert [row.parameters for row in summary.rows] == [320, 0, 18496, 0, 77450]
    assert (summary.total, summary.trainable, summary.frozen) == (96266, 77770, 18496)
    assert repr(summary) + "\n" == TABLE


def test_nothing_of_the_model_changes():
    model = cnn()
    model.pool.eval()
    model.summary((1, 28, 28))
    assert [module.training for module in model.children()] == [True, False, True, True, True]
    assert not any(parameter.has_grad for parameter in model.parameters())
    assert all(not module._hooks for module in model.modules())
    with pytest.raises(ValueError, match="Conv2d 'conv1'"):
        model.summary((3, 28, 28))
    assert all(not module._hooks for module in model.modules())
    assert not model.pool.training


class Odd(nn.Module):
    """A layer used twice, one never used, a parameter of its own, two arguments, two results."""

    def __init__(self):
        self.gain = nn.Parameter(np.ones(4, dtype=np.float32))
        self.shared = nn.Linear(4, 4, dtype=np.float32)
        self.unused = nn.Linear(2, 2, dtype=np.float32)

    def forward(self, x, y):
        assert x.dtype == np.float32
        return self.shared(self.shared(x)) * self.gain, y.sum()


def test_layers_that_are_shared_or_unused_and_several_results():
    summary = nn.summarize(Odd(), (4,), (3, 2))
    assert [(row.layer, row.output_shape, row.parameters) for row in summary.rows] == [
        ("shared (Linear)", "(None, 4)", 20),
        ("shared (Linear)", "(None, 4)", 0),
        ("odd (Odd)", "(None, 4), ()", 4),
        ("unused (Linear)", "not called", 6),
    ]
    assert summary.total == 30


def test_a_single_layer_and_a_vector_output():
    class Total(nn.Module):
        def forward(self, x):
            return x.sum(axis=1)

    assert [row.output_shape for row in nn.summarize(Total(), (3,)).rows] == ["(None,)"]
    assert nn.summarize(nn.Linear(3, 2), (3,)).rows[0].layer == "linear (Linear)"


def test_shapes_are_given_without_the_batch_and_as_tuples():
    with pytest.raises(TypeError, match=r"1 is no shape; write model.summary\(\(1, 28, 28\)\)"):
        cnn().summary(1, 28, 28)
    with pytest.raises(TypeError, match="is no shape"):
        cnn().summary((1, 28.0, 28))


def test_a_perceptron_of_values_has_no_summary():
    with pytest.raises(TypeError, match="MLP: modules of Values run no forward hooks, and have no summary"):
        nn.MLP(2, [1]).summary((2,))


# ---- costs --------------------------------------------------------------------------------------------------------


def test_multiply_adds_are_those_of_the_textbook():
    model = nn.Sequential(nn.Conv2d(4, 6, 3, padding=1, groups=2), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 5 * 7, 3))
    summary = nn.summarize(model, (4, 5, 7))
    assert [row.multiply_adds for row in summary.rows] == [5 * 7 * 6 * 2 * 9, 0, 0, 6 * 5 * 7 * 3]
    assert summary.multiply_adds == 5 * 7 * 6 * 2 * 9 + 6 * 5 * 7 * 3
    assert nn.summarize(model.requires_grad_(False), (4, 5, 7)).multiply_adds == summary.multiply_adds


class Between(nn.Module):
    """A layer within a layer that has work of its own, and work that belongs to no layer."""

    def __init__(self):
        self.inner = nn.Linear(3, 3, bias=False)
        self.matrix = nn.Parameter(np.ones((3, 5)))

    def forward(self, x):
        return self.inner(x) @ self.matrix


def test_work_belongs_to_the_innermost_call():
    summary = nn.summarize(Between(), (3,))
    assert {row.layer: row.multiply_adds for row in summary.rows} == {"inner (Linear)": 9, "between (Between)": 15}
    whole = nn.summarize(nn.Sequential(Between(), nn.ReLU()), (3,))
    assert whole.multiply_adds == 24

    class Outside(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(2, 2, bias=False)

        def forward(self, x):
            return self.layer(x) @ np.ones((2, 7))

    assert nn.summarize(Outside(), (2,)).multiply_adds == 4 + 14


def test_kept_bytes_count_each_array_once_and_no_parameter_or_input():
    x = np.ones((2, 3))
    kept = nn.summarize(nn.Sequential(nn.Flatten(), nn.Linear(3, 4, bias=False), nn.Flatten(), nn.ReLU()), x)
    assert [row.kept_bytes for row in kept.rows] == [0, 2 * 4 * 8, 0, 2 * 4 * 8]
    assert kept.kept_bytes == 2 * 2 * 4 * 8
    frozen = nn.Sequential(nn.Linear(3, 4, bias=False).requires_grad_(False), nn.ReLU())
    assert nn.summarize(frozen, x).rows[1].kept_bytes == 0
    halved = nn.Sequential(nn.Linear(3, 4, bias=False, dtype=np.float32))
    assert nn.summarize(halved, (3,)).kept_bytes == 4 * 4


def test_a_batch_of_integers_for_an_embedding():
    class Lookup(nn.Module):
        def __init__(self):
            self.table = nn.Parameter(np.ones((5, 3)))

        def forward(self, labels):
            return self.table[labels]

    (row,) = nn.summarize(Lookup(), np.array([[1, 4, 4]])).rows
    assert (row.output_shape, row.kept_bytes) == ("(None, 3, 3)", 3 * 3 * 8)
