"""Pictures from files, from Pillow and from arrays: layout, range, transparency, and files that are no pictures."""

import io
import sys
import tracemalloc
import warnings

import numpy as np
import pytest

import nn
from autograd import DTypeError, ShapeError

Image = pytest.importorskip("PIL.Image", reason="pictures are read with Pillow")


def photo(height=4, width=6, channels=3, seed=0):
    return np.random.default_rng(seed).integers(0, 256, size=(height, width, channels), dtype=np.uint8)


# ---- arrays ---------------------------------------------------------------------------------------------------------


def test_channels_come_first():
    pixels = photo()
    found = nn.from_pixels(pixels)
    assert found.shape == (3, 4, 6)
    for place in np.ndindex(4, 6, 3):
        assert found[place[2], place[0], place[1]] == pixels[place] / 255.0
    several = np.stack([pixels, photo(seed=1)])
    np.testing.assert_array_equal(nn.from_pixels(several)[1], nn.from_pixels(several[1]))
    np.testing.assert_array_equal(nn.from_pixels(pixels[:, :, 0])[0], pixels[:, :, 0] / 255.0)


@pytest.mark.parametrize(
    "pixels, expected",
    [
        (np.array([[0, 255]], np.uint8), [0.0, 1.0]),
        (np.array([[0, 65535]], np.uint16), [0.0, 1.0]),
        (np.array([[False, True]]), [0.0, 1.0]),
        (np.array([[0.25, 1.0]], np.float32), [0.25, 1.0]),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_range_becomes_0_to_1(pixels, expected, dtype):
    found = nn.from_pixels(pixels, dtype)
    assert found.dtype == dtype
    assert found.tolist() == [[expected]]
    assert not np.shares_memory(found, pixels)


@pytest.mark.parametrize(
    "pixels, error, message",
    [
        (np.zeros((2, 3), np.int64), DTypeError, "pixels of int64 have no known range"),
        (np.zeros((5, 28, 28), np.uint8), ShapeError, r"shape \(5, 28, 28\) .* pixels\[..., None\]"),
        (np.zeros(3, np.uint8), ShapeError, r"shape \(3,\)"),
        (np.array([[0.0, 254.5]]), ValueError, "floats from 0 to 254.5, where 0 to 1 is expected; divide them"),
        (np.array([[-0.1, 0.5]]), ValueError, "floats from -0.1 to 0.5"),
        (np.array([[np.nan, 0.5]]), ValueError, "floats from nan"),
    ],
)
def test_arrays_that_are_no_pictures(pixels, error, message):
    with pytest.raises(error, match=f"from_pixels: .*{message}"):
        nn.from_pixels(pixels)


def test_shades_need_a_floating_dtype(tmp_path):
    with pytest.raises(DTypeError, match="from_pixels: dtype=uint8 cannot hold"):
        nn.from_pixels(photo(), np.uint8)
    with pytest.raises(DTypeError, match="load_images: dtype=int64 cannot hold"):
        nn.load_images(tmp_path, dtype=int)


# ---- Pillow ---------------------------------------------------------------------------------------------------------


def test_colours_and_grey():
    pixels = photo()
    image = Image.fromarray(pixels)
    np.testing.assert_array_equal(nn.from_pillow(image), nn.from_pixels(pixels))
    grey = nn.from_pillow(image, grayscale=True)
    assert grey.shape == (1, 4, 6)
    np.testing.assert_allclose(grey[0], pixels @ [0.299, 0.587, 0.114] / 255.0, atol=1.01 / 255)
    shades = nn.from_pillow(Image.fromarray(pixels[:, :, 0]))
    assert shades.shape == (3, 4, 6)
    np.testing.assert_array_equal(shades, np.repeat(pixels[np.newaxis, :, :, 0] / 255.0, 3, axis=0))
    assert nn.from_pillow(image, dtype=np.float32).dtype == np.float32


def test_what_is_transparent_shows_the_page():
    """Black strokes whose surroundings are transparent black, as a drawing program writes them."""
    drawing = np.zeros((2, 2, 4), np.uint8)
    drawing[0, 0, 3] = 255
    drawing[0, 1, 3] = 51
    image = Image.fromarray(drawing)
    assert nn.from_pillow(image, grayscale=True).tolist() == [[[0.0, 0.8], [1.0, 1.0]]]
    palette = Image.new("P", (2, 1), 0)
    palette.putpixel((1, 0), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.info["transparency"] = 0
    assert nn.from_pillow(palette)[:, 0].T.tolist() == [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV"])
def test_every_mode_with_a_range(mode):
    image = Image.new("RGB", (3, 2), "white").convert(mode)
    assert nn.from_pillow(image).shape == (3, 2, 3)
    np.testing.assert_allclose(nn.from_pillow(image), 1.0)


def test_sixteen_bits_keep_their_shades():
    shades = np.array([[0, 255, 256], [4096, 40000, 65535]], np.uint16)
    found = nn.from_pillow(Image.fromarray(shades), grayscale=True)
    np.testing.assert_allclose(found[0], shades / 65535.0, atol=1e-7)
    assert nn.from_pillow(Image.fromarray(shades), size=(4, 6)).shape == (3, 4, 6)


def test_a_range_that_is_not_known_is_refused():
    for mode in ("I", "F"):
        with pytest.raises(ValueError, match=f"mode '{mode}' holds numbers whose range is not known.*nn.from_pixels"):
            nn.from_pillow(Image.new(mode, (2, 2)))


def test_a_picture_is_turned_upright():
    pixels = photo()
    image = Image.fromarray(pixels)
    exif = image.getexif()
    exif[0x0112] = 6  # the camera was turned: show it a quarter clockwise
    file = io.BytesIO()
    image.save(file, "PNG", exif=exif)
    found = nn.from_pillow(Image.open(file))
    np.testing.assert_array_equal(found, nn.from_pixels(np.rot90(pixels, -1)))


# ---- files ----------------------------------------------------------------------------------------------------------


def test_a_folder_in_the_order_of_names(tmp_path):
    shots = {"b.png": photo(seed=1), "a.PNG": photo(seed=2), "c.bmp": photo(seed=3)}
    for name, pixels in shots.items():
        Image.fromarray(pixels).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    found = nn.load_images(tmp_path)
    np.testing.assert_array_equal(found, nn.from_pixels(np.stack([shots["a.PNG"], shots["b.png"], shots["c.bmp"]])))
    chosen = nn.load_images([tmp_path / "c.bmp", str(tmp_path / "b.png")], dtype=np.float32)
    np.testing.assert_array_equal(chosen[0], nn.from_pixels(shots["c.bmp"], np.float32))
    assert nn.load_images(tmp_path / "b.png", grayscale=True).shape == (1, 1, 4, 6)


@pytest.mark.parametrize("ending", ["png", "jpg", "jpeg", "bmp", "gif", "webp", "tif", "tiff", "ppm", "pgm"])
def test_every_format(tmp_path, ending):
    mode = "L" if ending == "pgm" else "RGB"
    Image.new(mode, (5, 3), "white").save(tmp_path / f"white.{ending}")
    np.testing.assert_allclose(nn.load_images(tmp_path), np.ones((1, 3, 3, 5)), atol=0.01)


def test_pictures_of_several_sizes_need_one(tmp_path):
    Image.fromarray(photo(4, 6)).save(tmp_path / "a.png")
    Image.fromarray(photo(8, 8)).save(tmp_path / "b.png")
    with pytest.raises(ShapeError, match=r"a\.png is 4 by 6 pixels and .*b\.png 8 by 8; give size=\(height, width\)"):
        nn.load_images(tmp_path)
    found = nn.load_images(tmp_path, size=(4, 6))
    assert found.shape == (2, 3, 4, 6)
    np.testing.assert_array_equal(found[0], nn.from_pixels(photo(4, 6)))


@pytest.mark.parametrize("size", [(4,), (0, 3), (3, -1), (1 << 14, 1 << 14)])
def test_a_size_that_cannot_be(tmp_path, size):
    with pytest.raises(ValueError, match=r"load_images: size=.* must be \(height, width\)"):
        nn.load_images(tmp_path, size=size)
    with pytest.raises(ValueError, match=r"from_pillow: size=.* must be \(height, width\)"):
        nn.from_pillow(Image.new("L", (2, 2)), size=size)


def test_no_picture(tmp_path):
    with pytest.raises(ValueError, match=r"no picture to read: .* holds no file whose name ends in \.bmp"):
        nn.load_images(tmp_path)
    with pytest.raises(ValueError, match="no picture to read: no path"):
        nn.load_images([])
    with pytest.raises(FileNotFoundError):
        nn.load_images(tmp_path / "absent.png")


def test_damaged_pictures_by_the_hundred(tmp_path):
    """Cut short, or bytes changed: a picture of the right shape, or a ValueError that names the file."""
    rng = np.random.default_rng(3)
    path = tmp_path / "damaged.png"
    refused = 0
    for kind in ("PNG", "JPEG", "BMP", "GIF", "TIFF", "PPM"):
        file = io.BytesIO()
        Image.fromarray(photo(8, 8)).save(file, kind)
        whole = file.getvalue()
        for _ in range(60):
            content = bytearray(whole[: rng.integers(len(whole))] if rng.random() < 0.4 else whole)
            for place in rng.integers(len(content), size=3 if content else 0):
                content[place] = rng.integers(256)
            path.write_bytes(content)
            try:
                found = nn.load_images(path, size=(8, 8))
            except nn.FileFormatError as error:
                refused += str(path) in str(error)
            else:
                assert found.shape == (1, 3, 8, 8)
                assert 0.0 <= found.min() <= found.max() <= 1.0
    assert refused > 100


def test_programs_are_not_pictures(tmp_path):
    path = tmp_path / "script.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    with pytest.raises(nn.FileFormatError, match="is no picture in a known format: BMP, GIF, JPEG, PNG, PPM"):
        nn.load_images(path)


@pytest.mark.parametrize("side", [9000, 12000, 60000])
def test_a_decompression_bomb_is_not_unpacked(tmp_path, side):
    """Pillow by itself lets the first pass, warns of the second and refuses the third."""
    path = tmp_path / "bomb.pgm"
    path.write_bytes(b"P5 %d %d 255\n" % (side, side))
    tracemalloc.start()
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            with pytest.raises(nn.FileFormatError, match="pixels"):
                nn.load_images(path, size=(8, 8))
        assert not warned  # the error says it
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_without_pillow_the_remedy_is_named(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"")
    image = Image.new("L", (2, 2))
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    for attempt in (lambda: nn.load_images(tmp_path), lambda: nn.from_pillow(image)):
        with pytest.raises(ImportError, match=r"needs Pillow, .*: pip install 'gradwalk\[images\]'"):
            attempt()
