"""Pictures from files, through Pillow."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autograd import ShapeError
from autograd.optional import optional
from autograd.progress import Progress
from nn.data.pixels import check_floating, from_pixels
from nn.saving.files import FileFormatError

if TYPE_CHECKING:
    from PIL.Image import Image

Array = npt.NDArray[Any]

# Only formats that Pillow decodes by itself: it would hand PostScript to another program.
FORMATS = {
    ".bmp": "BMP", ".gif": "GIF", ".jpeg": "JPEG", ".jpg": "JPEG", ".pbm": "PPM", ".pgm": "PPM", ".png": "PNG",
    ".ppm": "PPM", ".tif": "TIFF", ".tiff": "TIFF", ".webp": "WEBP",
}  # fmt: skip
MOST_PIXELS = 1 << 26  # of one picture: 8192 by 8192
SIXTEEN_BITS = "I;16"


def load_images(
    source: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    size: tuple[int, int] | None = None,
    grayscale: bool = False,
    dtype: Any = np.float64,
) -> Array:
    """Read pictures from files.

    Args:
        source: a folder, whose pictures are read in the order of their names; one file; or several.
        size: (height, width) to resize each picture to, without regard to its proportions. Without it, all must be of
            one size.
        grayscale: one channel instead of red, green and blue.
        dtype: of the result.

    Returns:
        (N, C, H, W) numbers from 0 to 1; C is 1 or 3.

    Raises:
        FileFormatError: a file is damaged, of an unknown format, or of more than 67 million pixels. It is a
            ValueError.
        ImportError: Pillow is not installed.
        OSError: there is no such file, or it cannot be read.
        ShapeError: the pictures differ in size, and `size` is not given.
        ValueError: there is no picture, or `size` is not two lengths of at least 1.

    Example:
        >>> import nn, os, tempfile
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Image.new("RGB", (6, 4), "red").save(os.path.join(folder, "red.png"))
        ...     x = nn.load_images(folder)
        >>> x.shape, x[0, :, 0, 0]
        ((1, 3, 4, 6), array([1., 0., 0.]))
    """
    check_floating("load_images", dtype)
    _check_size("load_images", size)
    paths = _paths(source)
    pictures: list[Array] = []
    with Progress("load_images", total=len(paths)) as told:
        for path in paths:
            told.step(path.name)
            picture = _load(path, size, grayscale, dtype)
            if pictures and picture.shape != pictures[0].shape:
                raise ShapeError(
                    f"load_images: {paths[0]} is {_size(pictures[0])} pixels and {path} {_size(picture)}; give "
                    f"size=(height, width), to which each is resized"
                )
            pictures.append(picture)
    return np.stack(pictures)


def from_pillow(
    image: Image, size: tuple[int, int] | None = None, grayscale: bool = False, dtype: Any = np.float64
) -> Array:
    """A Pillow image as numbers from 0 to 1.

    It is turned upright where it says how it was taken, and laid over white where it is transparent.

    Args:
        image: of any mode but "I" and "F", whose range is not known.
        size: (height, width) to resize to.
        grayscale: one channel, 0.299·red + 0.587·green + 0.114·blue, instead of three.
        dtype: of the result.

    Returns:
        (C, H, W); C is 1 or 3.

    Raises:
        ImportError: Pillow is not installed.
        ValueError: the image is of mode "I" or "F", or `size` is not two lengths of at least 1.

    Example:
        >>> import nn
        >>> from PIL import Image
        >>> nn.from_pillow(Image.new("L", (3, 2), 255), grayscale=True)
        array([[[1., 1., 1.],
                [1., 1., 1.]]])
    """
    pillow = _pillow()
    from PIL import ImageOps

    if image.mode in ("I", "F"):
        raise ValueError(
            f"from_pillow: an image of mode {image.mode!r} holds numbers whose range is not known; scale "
            f"numpy.asarray(image) to 0 to 1, and give it to nn.from_pixels"
        )
    _check_size("from_pillow", size)
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(SIXTEEN_BITS):  # which `convert` would cut off at 255
        shades = np.asarray(image).astype(np.float32) / np.float32(65535)
        image = pillow.fromarray(shades)
        wanted = "F"
    else:
        wanted = "L" if grayscale else "RGB"
        image = _over_white(pillow, image).convert(wanted)
    if size is not None:
        image = image.resize((size[1], size[0]), pillow.Resampling.BILINEAR)
    pixels = np.asarray(image)
    if wanted == "F":
        pixels = np.clip(pixels, 0.0, 1.0)[..., np.newaxis].repeat(1 if grayscale else 3, axis=-1)
    return from_pixels(pixels, dtype)


def _check_size(function: str, size: tuple[int, int] | None) -> None:
    if size is not None and not (len(size) == 2 and min(size) >= 1 and size[0] * size[1] <= MOST_PIXELS):
        raise ValueError(
            f"{function}: size={size!r} must be (height, width), each at least 1, with at most {MOST_PIXELS:,} pixels"
        )


def _over_white(pillow: ModuleType, image: Image) -> Image:
    """What a page would show: fully transparent pixels hide any colour, often black."""
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    page: Image = pillow.new("RGBA", image.size, "white")
    return pillow.alpha_composite(page, image)  # type: ignore[no-any-return]


def _load(path: Path, size: tuple[int, int] | None, grayscale: bool, dtype: Any) -> Array:
    pillow = _pillow()
    with open(path, "rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of large and of odd files; what cannot be read is an error below
        try:
            with pillow.open(file, formats=sorted(set(FORMATS.values()))) as image:
                pixels = image.width * image.height
                if pixels > MOST_PIXELS:
                    raise ValueError(f"{image.width} by {image.height} pixels are more than {MOST_PIXELS:,}")
                image.load()
                return from_pillow(image, size, grayscale, dtype)
        except pillow.UnidentifiedImageError:
            known = ", ".join(sorted(set(FORMATS.values())))
            raise FileFormatError(path, f"is no picture in a known format: {known}") from None
        except Exception as error:  # Pillow's decoders have no common one
            raise FileFormatError(path, f"cannot be read as a picture: {error}") from error


def _paths(source: Any) -> list[Path]:
    if not isinstance(source, str | os.PathLike):
        paths = [Path(path) for path in source]
    elif Path(source).is_dir():
        paths = sorted(path for path in Path(source).iterdir() if path.suffix.lower() in FORMATS)
    else:
        paths = [Path(source)]
    if not paths:
        where = f"{source} holds no file whose name ends in {', '.join(FORMATS)}" if _is_path(source) else "no path"
        raise ValueError(f"load_images: there is no picture to read: {where}")
    return paths


def _is_path(source: Any) -> bool:
    return isinstance(source, str | os.PathLike)


def _size(picture: Array) -> str:
    return f"{picture.shape[1]} by {picture.shape[2]}"


def _pillow() -> ModuleType:
    module: ModuleType = optional("PIL.Image", of="Pillow", extra="images", needed_by="load_images")
    return module
