"""A training that is taken up again gives, to the bit, what an uninterrupted one gives."""

import contextlib

import numpy as np
import pytest

import nn
import nn.functional as F
from tests.nn.training.bits import bits

EPOCHS = 5


def data(seed, n=22):
    rng = np.random.default_rng(seed)
    images = rng.random((n, 1, 6, 6))
    return images, (images[:, 0, :3].sum(axis=(1, 2)) > images[:, 0, 3:].sum(axis=(1, 2))).astype(int)


def network(seed=0, dtype=np.float64):
    """Every kind of state: parameters, running means, a generator of its own, the default generator, a plain buffer."""
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, rng=rng, dtype=dtype),
        nn.BatchNorm2d(3, dtype=dtype),
        nn.ReLU(),
        nn.Dropout2d(0.2, rng=np.random.default_rng(5)),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(48, 2, rng=rng, dtype=dtype),
        Steps(),
    )


class Steps(nn.Module):
    """Noise whose size follows a count that `state_dict` leaves out."""

    def __init__(self):
        self.register_buffer("count", 0, persistent=False)

    def forward(self, x):
        if self.training:
            self.count = self.count + 1
        return x * (1.0 + 0.01 * float(self.count))


def sgd(model):
    return nn.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)


def adam(model):
    return nn.Adam(model.parameters(), lr=0.01)


def groups(model):
    return nn.AdamW([{"params": model[0].parameters(), "lr": 0.02}, {"params": model[6].parameters()}], lr=0.005)


CASES = {
    "momentum": {"optimizer": sgd},
    "adam": {"optimizer": adam},
    "groups": {"optimizer": groups},
    "rmsprop": {"optimizer": lambda model: nn.RMSprop(model.parameters(), lr=0.005, momentum=0.5, centered=True)},
    "float32": {"optimizer": adam, "dtype": np.float32},
    "clipping": {"optimizer": sgd, "clip_norm": 0.5},
    "cosine": {"optimizer": sgd, "scheduler": lambda optimizer: nn.CosineAnnealingLR(optimizer, T_max=EPOCHS)},
    "one cycle": {
        "optimizer": adam,
        "scheduler": lambda optimizer: nn.OneCycleLR(optimizer, 0.05, epochs=EPOCHS, steps_per_epoch=4),
    },
    "plateau": {
        "optimizer": sgd,
        "scheduler": lambda optimizer: nn.ReduceLROnPlateau(optimizer, factor=0.5, patience=0, threshold=0.2),
    },
    "average": {"optimizer": adam, "ema": lambda model: nn.ExponentialMovingAverage(model, decay=0.8, warmup=True)},
    "stopping": {"optimizer": sgd, "early_stopping": lambda: nn.EarlyStopping(patience=3, min_delta=0.02)},
    "stopping the average": {
        "optimizer": sgd,
        "ema": lambda model: nn.ExponentialMovingAverage(model, decay=0.9),
        "early_stopping": lambda: nn.EarlyStopping(patience=3, monitor="accuracy"),
    },
}


class Run:
    """A training, built anew: in a new process everything would be."""

    def __init__(self, case, seed=0):
        made = dict(CASES[case])
        dtype = made.pop("dtype", np.float64)
        self.seed = seed
        self.model = network(seed, dtype)
        self.optimizer = made.pop("optimizer")(self.model)
        images, labels = data(1)
        held_out = data(2)
        augment = nn.Compose(nn.RandomShift(1), nn.GaussianNoise(0.05))
        self.arguments = {
            "train": nn.DataLoader((images.astype(dtype), labels), 6, shuffle=True, seed=seed, transform=augment),
            "validation": nn.DataLoader((held_out[0].astype(dtype), held_out[1]), 7),
            "optimizer": self.optimizer,
            "loss": F.cross_entropy,
            "metrics": {"accuracy": nn.accuracy},
            "progress": False,
            "clip_norm": made.get("clip_norm"),
        }
        if "scheduler" in made:
            self.arguments["scheduler"] = made["scheduler"](self.optimizer)
        if "ema" in made:
            self.arguments["ema"] = made["ema"](self.model)
        if "early_stopping" in made:
            self.arguments["early_stopping"] = made["early_stopping"]()

    def fit(self, epochs=EPOCHS, **changes):
        nn.manual_seed(self.seed)
        return nn.fit(self.model, epochs=epochs, **{**self.arguments, **changes})

    def everything(self, history):
        """All that a training leaves, as bytes."""
        found = self.states()
        found["history"] = {name: np.array(numbers).tobytes() for name, numbers in history.as_dict().items()}
        found["next draw"] = nn.init.uniform_(nn.Parameter(np.zeros(3))).data.tobytes()
        return found

    def states(self):
        found = {f"model {name}": array.tobytes() for name, array in self.model.state_dict().items()}
        found["count"] = int(self.model[7].count)
        found["optimizer"] = bits(self.optimizer.state_dict())
        for name in ("train", "scheduler", "ema", "early_stopping"):
            if name in self.arguments:
                found[name] = bits(self.arguments[name].state_dict())
        found["next mask"] = bits(self.model[3].rng.bit_generator.state)
        return found


def assert_equal(found, expected):
    assert found.keys() == expected.keys()
    for name in expected:
        assert found[name] == expected[name], name


@pytest.fixture(autouse=True)
def _default_generator():
    yield
    nn.manual_seed(0)


def interrupt(run, after, path):
    """End a training in the epoch after `after`, as Ctrl+C does; the file says nothing of it."""

    def callback(history):
        if len(history) == after + 1:
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        run.fit(checkpoint=path, callback=callback)


@pytest.mark.uncounted
@pytest.mark.parametrize("after", [1, 3, EPOCHS])
@pytest.mark.parametrize("case", CASES)
def test_resumed_is_uninterrupted_to_the_bit(tmp_path, case, after):
    whole = Run(case)
    expected = whole.everything(whole.fit())

    path = tmp_path / "run.safetensors"
    interrupt(Run(case), after, path)
    second = Run(case, seed=99)  # other weights, another order, other generators: the file has it all
    assert_equal(second.everything(second.fit(resume=path, checkpoint=path)), expected)
    third = Run(case, seed=7)
    assert_equal(third.everything(third.fit(resume=path)), expected)  # what is finished stays as it is


def test_two_runs_that_differ_are_told_apart():
    """What the comparison above is worth: another seed changes all that it looks at."""
    first, second = Run("one cycle"), Run("one cycle", seed=1)
    found, other = first.everything(first.fit(2)), second.everything(second.fit(2))
    assert {name for name in found if found[name] == other[name]} == {
        "count",
        "model 1.num_batches_tracked",
        "next mask",
        "scheduler",
    }


def test_a_checkpoint_does_not_disturb_the_training(tmp_path):
    plain, saving = Run("adam"), Run("adam")
    expected = plain.everything(plain.fit(2))
    assert_equal(saving.everything(saving.fit(2, checkpoint=tmp_path / "run")), expected)


def test_epochs_count_those_before(tmp_path):
    path = tmp_path / "run"
    run = Run("momentum")
    first = run.fit(2, checkpoint=path)
    history = Run("momentum").fit(3, resume=path)
    assert len(history) == 3
    assert history.loss[:2] == first.loss
    assert history.seconds[:2] == first.seconds
    assert len(Run("momentum").fit(1, resume=path)) == 2  # more are done already


def test_what_was_ended_stays_ended(tmp_path):
    path = tmp_path / "run"
    Run("momentum").fit(checkpoint=path, callback=lambda history: len(history) == 2)
    assert len(Run("momentum").fit(resume=path)) == 2
    run = Run("momentum")
    run.arguments["early_stopping"] = nn.EarlyStopping(patience=1, min_delta=10.0)
    expected = run.everything(run.fit(checkpoint=path))
    again = Run("momentum", seed=3)
    again.arguments["early_stopping"] = nn.EarlyStopping(patience=1, min_delta=10.0)
    history = again.fit(resume=path)
    assert len(history) == 2
    assert_equal(again.everything(history), expected)


def test_what_a_callback_sets_is_in_the_checkpoint(tmp_path):
    def halve(run):
        def callback(history):
            run.optimizer.lr = 0.05 / 2 ** len(history)

        return callback

    whole, first, second = Run("momentum"), Run("momentum"), Run("momentum")
    expected = whole.everything(whole.fit(callback=halve(whole)))
    first.fit(2, checkpoint=tmp_path / "run", callback=halve(first))
    history = second.fit(resume=tmp_path / "run", callback=halve(second))
    assert_equal(second.everything(history), expected)


@pytest.mark.parametrize(
    "case, message",
    [
        ("momentum", r"its parts are \[.*'scheduler'.*\], and those of this one \['model', 'opt.*build it as it was"),
        ("average", "is of another training: its parts are"),
        ("plateau", "nothing was changed: scheduler: ReduceLROnPlateau.load_state_dict: the state is that of Cosine"),
    ],
)
def test_another_training_is_refused_before_anything_changes(tmp_path, case, message):
    path = tmp_path / "run"
    Run("cosine").fit(1, checkpoint=path)
    run = Run(case)
    before = run.states()
    with pytest.raises(nn.FileFormatError, match=message):
        run.fit(resume=path)
    assert_equal(run.states(), before)


@pytest.mark.parametrize("changes", [{"metrics": {}}, {"metrics": {"accuracy": nn.accuracy, "right": nn.accuracy}}])
def test_other_measures_would_leave_gaps_in_the_history(tmp_path, changes):
    path = tmp_path / "run"
    Run("momentum").fit(1, checkpoint=path)
    run = Run("momentum", seed=3)
    before = run.states()
    with pytest.raises(nn.FileFormatError, match=r"its measures are \['loss', 'accuracy', .*, and those of this one"):
        run.fit(resume=path, **changes)
    assert_equal(run.states(), before)


def test_batches_in_a_list_have_no_state(tmp_path):
    path, batches = tmp_path / "run", [data(3)]
    whole, first, second = Run("adam"), Run("adam"), Run("adam", seed=2)
    expected = whole.everything(whole.fit(3, train=batches))
    first.fit(1, train=batches, checkpoint=path)
    assert_equal(
        second.everything(second.fit(3, train=batches, resume=path)), {**expected, "train": second.states()["train"]}
    )


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        Run("adam").fit(resume=tmp_path / "absent")
