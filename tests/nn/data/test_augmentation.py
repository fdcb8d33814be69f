"""Augmentation: what each transform makes of a picture, seeds, dtypes and labels."""

import numpy as np
import pytest

import nn
from autograd import DTypeError, ShapeError
from nn.data.augmentation import rotated

TRANSFORMS = [
    nn.RandomShift(2),
    nn.RandomShift(1, fill=0.5),
    nn.RandomRotation(30.0),
    nn.RandomRotation(400.0, fill=1.0),
    nn.GaussianNoise(0.3),
    nn.RandomHorizontalFlip(),
    nn.Compose(nn.RandomShift(1), nn.RandomRotation(15.0), nn.GaussianNoise(0.1), nn.RandomHorizontalFlip(0.3)),
    nn.Compose(),
]


def pictures(count=5, channels=2, height=6, width=7, dtype=np.float64):
    return np.random.default_rng(1).random(size=(count, channels, height, width)).astype(dtype)


def generator(seed=0):
    return np.random.default_rng(seed)


# ---- what all have in common ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
def test_shape_and_dtype_stay_and_the_pictures_too(transform, dtype):
    images = pictures(dtype=dtype)
    before = images.copy()
    changed = transform(images, generator())
    assert changed.shape == images.shape
    assert changed.dtype == dtype
    np.testing.assert_array_equal(images, before)
    assert transform(images[:0], generator()).shape == (0, 2, 6, 7)


@pytest.mark.parametrize("transform", TRANSFORMS[:-1], ids=repr)
def test_the_seed_decides_and_each_picture_is_drawn_for(transform):
    images = np.broadcast_to(pictures(1), (20, 2, 6, 7))
    first = transform(images, generator(3))
    np.testing.assert_array_equal(transform(images, generator(3)), first)
    assert np.any(transform(images, generator(4)) != first)
    assert len(np.unique(first.reshape(20, -1), axis=0)) > 1


@pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
def test_float32_is_changed_as_float64_is(transform):
    single, double = transform(pictures(dtype=np.float32), generator(2)), transform(pictures(), generator(2))
    np.testing.assert_allclose(single, double, atol=3e-6)


@pytest.mark.parametrize("transform", [nn.RandomShift(1), nn.RandomRotation(5.0), nn.RandomHorizontalFlip()], ids=repr)
def test_what_is_no_batch_of_pictures_is_refused(transform):
    with pytest.raises(ShapeError, match=rf"{type(transform).__name__}: an array of shape \(6, 7\) is no batch of"):
        transform(np.ones((6, 7)), generator())


def test_integers_cannot_be_mixed():
    for transform in (nn.RandomRotation(5.0), nn.GaussianNoise(0.1)):
        with pytest.raises(DTypeError, match="pictures of uint8 cannot be changed by fractions"):
            transform(np.ones((1, 1, 2, 2), np.uint8), generator())
    assert nn.RandomShift(1)(np.ones((1, 1, 2, 2), np.uint8), generator()).dtype == np.uint8


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: nn.RandomShift(-1), "pixels=-1 must be a whole number"),
        (lambda: nn.RandomShift(1.5), "pixels=1.5 must be a whole number"),
        (lambda: nn.RandomRotation(-1.0), "degrees=-1.0 must be a number of at least 0"),
        (lambda: nn.RandomRotation(float("nan")), "degrees=nan"),
        (lambda: nn.GaussianNoise(-0.1), "std=-0.1"),
        (lambda: nn.GaussianNoise(float("inf")), "std=inf"),
        (lambda: nn.RandomHorizontalFlip(1.1), "p=1.1 must be from 0 to 1"),
    ],
)
def test_arguments_outside_their_range(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# ---- each by itself -------------------------------------------------------------------------------------------------


def test_a_shift_moves_by_every_distance_and_fills():
    image = pictures(1)
    changed = nn.RandomShift(2, fill=-7.0)(np.broadcast_to(image, (400, 2, 6, 7)), generator())
    expected = {}
    for down in range(-2, 3):
        for right in range(-2, 3):
            moved = np.full((2, 6, 7), -7.0)
            for y in range(6):
                for x in range(7):
                    if 0 <= y - down < 6 and 0 <= x - right < 7:
                        moved[:, y, x] = image[0, :, y - down, x - right]
            expected[moved.tobytes()] = (down, right)
    seen = [expected[each.tobytes()] for each in changed]  # a KeyError is a picture that no shift gives
    assert len(set(seen)) == 25
    assert max(seen.count(shift) for shift in set(seen)) < 40  # 16 of each on average


def test_no_distance_changes_nothing():
    images = pictures()
    for transform in (nn.RandomShift(0), nn.RandomRotation(0.0), nn.GaussianNoise(0.0), nn.RandomHorizontalFlip(0.0)):
        np.testing.assert_array_equal(transform(images, generator()), images)


@pytest.mark.parametrize("side", [5, 6])
@pytest.mark.parametrize("quarters", [-3, -2, -1, 1, 2, 3])
def test_quarter_turns_are_exact(side, quarters):
    images = pictures(height=side, width=side)
    turned = rotated(images, np.full(5, 90.0 * quarters), 0.0)
    np.testing.assert_allclose(turned, np.rot90(images, quarters, axes=(2, 3)), atol=1e-12)


def test_a_rotation_is_bilinear_interpolation():
    """Each pixel by the formula, in plain Python."""
    images, fill = pictures(3, 1, 4, 6), 0.25
    degrees = np.array([17.0, -48.0, 133.0])
    turned = rotated(images, degrees, fill)
    for n, angle in enumerate(np.radians(degrees)):
        for i in range(4):
            for j in range(6):
                up, right = 1.5 - i, j - 2.5
                from_up = up * np.cos(angle) - right * np.sin(angle)  # turned clockwise, to where it came from
                from_right = up * np.sin(angle) + right * np.cos(angle)
                y, x = 1.5 - from_up, from_right + 2.5
                total = 0.0
                for row in range(-40, 40):
                    for column in range(-40, 40):
                        weight = max(0.0, 1 - abs(y - row)) * max(0.0, 1 - abs(x - column))
                        if weight:
                            inside = 0 <= row < 4 and 0 <= column < 6
                            total += weight * (images[n, 0, row, column] if inside else fill)
                assert turned[n, 0, i, j] == pytest.approx(total, abs=1e-12)


def test_turned_there_and_back_a_smooth_picture_is_what_it_was():
    y, x = np.mgrid[-1:1:33j, -1:1:33j]
    image = np.exp(-4 * ((x - 0.2) ** 2 + y**2))[np.newaxis, np.newaxis]
    there = rotated(image, np.array([30.0]), 0.0)
    assert np.abs(there - image)[..., 8:-8, 8:-8].max() > 0.1
    back = rotated(there, np.array([-30.0]), 0.0)
    np.testing.assert_allclose(back[..., 8:-8, 8:-8], image[..., 8:-8, 8:-8], atol=0.02)


def test_angles_are_uniform_up_to_the_largest():
    """Read off a picture with one bright pixel far from the centre."""
    image = np.zeros((1, 1, 101, 101))
    image[0, 0, 49:52, 90] = 1.0
    turned = nn.RandomRotation(20.0)(np.broadcast_to(image, (300, 1, 101, 101)), generator())
    y, x = np.mgrid[:101, :101]
    mass = turned.sum(axis=(1, 2, 3))
    rows, columns = ((turned[:, 0] * place).sum(axis=(1, 2)) / mass for place in (y, x))
    angles = np.degrees(np.arctan2(50 - rows, columns - 50))
    assert -20.1 < angles.min() < -18.0
    assert 18.0 < angles.max() < 20.1
    assert abs(np.mean(angles)) < 2.0
    assert 10.0 < np.std(angles) < 13.0  # 40/√12 = 11.5


def test_noise_has_its_deviation_and_mean():
    noise = nn.GaussianNoise(0.2)(np.zeros((50, 1, 20, 20)), generator())
    assert noise.std() == pytest.approx(0.2, rel=0.02)
    assert abs(noise.mean()) < 0.005


def test_half_of_the_pictures_are_mirrored():
    images = pictures(400)
    changed = nn.RandomHorizontalFlip()(images, generator())
    mirrored = [np.array_equal(new, old[..., ::-1]) for new, old in zip(changed, images, strict=True)]
    kept = [np.array_equal(new, old) for new, old in zip(changed, images, strict=True)]
    assert sum(mirrored) + sum(kept) == 400
    assert 160 < sum(mirrored) < 240
    np.testing.assert_array_equal(nn.RandomHorizontalFlip(1.0)(images, generator()), images[..., ::-1])


def test_composed_transforms_run_in_order_on_one_generator():
    images, rng = pictures(), generator(5)
    expected = nn.GaussianNoise(0.1)(nn.RandomShift(1)(images, rng), rng)
    np.testing.assert_array_equal(nn.Compose(nn.RandomShift(1), nn.GaussianNoise(0.1))(images, generator(5)), expected)
    nested = nn.Compose(nn.Compose(nn.RandomShift(1)), nn.GaussianNoise(0.1))
    np.testing.assert_array_equal(nested(images, generator(5)), expected)
