"""Batches, seeds, transforms, and a loader's state."""

import json

import numpy as np
import pytest

import nn


def dataset(n=10):
    return np.arange(2.0 * n).reshape(n, 2), np.arange(n)


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("drop_last, sizes", [(False, [4, 4, 2]), (True, [4, 4])])
def test_batches_hold_each_example_once(shuffle, drop_last, sizes):
    loader = nn.DataLoader(dataset(), batch_size=4, shuffle=shuffle, drop_last=drop_last)
    batches = list(loader)
    assert [len(x) for x, _ in batches] == sizes
    assert len(loader) == len(sizes)
    labels = np.concatenate([y for _, y in batches])
    assert len(set(labels.tolist())) == sum(sizes)
    images = np.concatenate([x for x, _ in batches])
    np.testing.assert_array_equal(images[:, 0], 2.0 * labels)  # an example and its label stay together
    assert (labels.tolist() == sorted(labels.tolist())) is not shuffle


def test_without_shuffle_every_pass_is_in_order():
    loader = nn.DataLoader(dataset(4), batch_size=2)
    for _ in range(2):
        np.testing.assert_array_equal(np.concatenate([y for _, y in loader]), [0, 1, 2, 3])


def test_passes_differ_and_repeat_with_the_seed():
    def orders(seed):
        loader = nn.DataLoader(dataset(20), batch_size=6, shuffle=True, seed=seed)
        return [np.concatenate([y for _, y in loader]).tolist() for _ in range(3)]

    first = orders(0)
    assert first == orders(0)
    assert first[0] != first[1] != first[2]
    assert first != orders(1)


def test_one_array_gives_arrays_and_batches_are_copies():
    data = np.arange(3.0)
    loader = nn.DataLoader(data, batch_size=2)
    first, second = loader
    np.testing.assert_array_equal(first, [0.0, 1.0])
    np.testing.assert_array_equal(second, [2.0])
    first[0] = 99.0
    assert data[0] == 0.0
    assert [batch[0].tolist() for batch in nn.DataLoader(([1, 2], [3, 4], [5, 6]))] == [[1], [2]]


@pytest.mark.parametrize(
    "data, arguments, message",
    [
        ((np.ones(3), np.ones(4)), {}, "arrays of 3 and 4 examples do not belong together"),
        ((), {}, "at least one example"),
        (np.ones((0, 3)), {}, "at least one example"),
        (np.float64(1.0), {}, "at least one example"),
        (np.ones(3), {"batch_size": 0}, "batch_size=0 must be at least 1"),
        (np.ones(3), {"batch_size": 4, "drop_last": True}, "leaves no batch of 3 examples"),
    ],
)
def test_data_that_give_no_batch_are_refused(data, arguments, message):
    with pytest.raises(ValueError, match=message):
        nn.DataLoader(data, **arguments)


# ---- transforms -----------------------------------------------------------------------------------------------------


def pictures(n=10):
    return np.random.default_rng(1).random((n, 1, 4, 4)), np.arange(n)


def test_a_transform_changes_the_first_array_anew_in_each_pass():
    images, labels = pictures()
    loader = nn.DataLoader((images, labels), batch_size=4, transform=nn.GaussianNoise(0.1))
    passes = [list(loader) for _ in range(2)]
    for batches in passes:
        np.testing.assert_array_equal(np.concatenate([y for _, y in batches]), labels)
        noise = np.concatenate([x for x, _ in batches]) - images
        assert 0.05 < noise.std() < 0.15
    assert np.any(passes[0][0][0] != passes[1][0][0])
    single = next(iter(nn.DataLoader(images, batch_size=4, transform=nn.GaussianNoise(0.1))))
    np.testing.assert_array_equal(single, passes[0][0][0])


def test_the_order_is_the_same_with_a_transform_and_without():
    def orders(transform):
        loader = nn.DataLoader(pictures(), batch_size=3, shuffle=True, seed=4, transform=transform)
        return [y.tolist() for _ in range(2) for _, y in loader]

    assert orders(None) == orders(nn.RandomShift(1)) == orders(nn.Compose(nn.RandomShift(1), nn.GaussianNoise(0.1)))


def test_seeds_decide_over_a_transform_too():
    def batches(seed):
        return np.concatenate([x for x, _ in nn.DataLoader(pictures(), 3, seed=seed, transform=nn.GaussianNoise(0.1))])

    np.testing.assert_array_equal(batches(1), batches(1))
    assert np.any(batches(1) != batches(2))


def test_a_transform_must_keep_the_number_of_examples():
    loader = nn.DataLoader(pictures(), batch_size=4, transform=lambda images, rng: images[1:])
    with pytest.raises(ValueError, match=r"made shape \(3, 1, 4, 4\) of \(4, 1, 4, 4\); it must keep the number"):
        list(loader)


# ---- state ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("passes", [0, 1, 3])
def test_a_loader_goes_on_from_a_state(passes):
    def loader(seed):
        return nn.DataLoader(pictures(), batch_size=3, shuffle=True, seed=seed, transform=nn.RandomShift(1))

    first, second = loader(1), loader(2)
    for _ in range(passes):
        list(first)
    state = json.loads(json.dumps(first.state_dict()))  # whole numbers of 128 bits and all
    expected = [list(first) for _ in range(2)]
    second.load_state_dict(state)
    for batches in expected:
        for (x, y), (other_x, other_y) in zip(batches, second, strict=True):
            np.testing.assert_array_equal(other_x, x)
            np.testing.assert_array_equal(other_y, y)


def test_a_state_is_not_touched_by_what_follows():
    loader = nn.DataLoader(pictures(), batch_size=3, shuffle=True)
    state = loader.state_dict()
    before = json.dumps(state)
    list(loader)
    assert json.dumps(state) == before != json.dumps(loader.state_dict())


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda state: state.pop("order"), r"a state has \['order', 'transform'\], not \['transform'\]"),
        (lambda state: state.update(more=1), r"not \['more', 'order', 'transform'\]"),
        (lambda state: state.update(transform=None), "DataLoader: transform: not the state of a PCG64 generator"),
        (lambda state: state["transform"].update(bit_generator="MT19937"), "transform: not the state of a PCG64"),
        (lambda state: state["transform"]["state"].pop("inc"), "transform: not the state of a PCG64"),
        (lambda state: state["transform"]["state"].update(inc=-1), "transform: not the state of a PCG64"),
        (lambda state: state["transform"]["state"].update(inc=1 << 200), "transform: not the state of a PCG64"),
        (lambda state: state["transform"].update(uinteger="many"), "transform: not the state of a PCG64"),
    ],
)
def test_a_state_that_is_none_changes_nothing(change, message):
    loader, other = (nn.DataLoader(pictures(), batch_size=3, shuffle=True, seed=seed) for seed in (1, 2))
    before, state = loader.state_dict(), other.state_dict()
    change(state)
    with pytest.raises(ValueError, match=message):
        loader.load_state_dict(state)
    assert loader.state_dict() == before
