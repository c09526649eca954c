"""A picture of a frame for people: windowed, cut, scaled, as JPEG or PNG. Nothing is written onto it.

*Source:* DICOM PS3.18 §8.3.5 (rendered media); PS3.3 §C.11.1 (modality), §C.11.2 (window); PS3.4 §N.2.
"""

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi

from beeldpas.gateway.decoding.image import frame_of, samples

_PLATE = 96
# Devices that write the patient's name into the picture, unless the file says that this one did not.
_WRITE_INTO_THE_PICTURE = frozenset({"US", "SC", "OT", "XC", "ES", "IVUS", "OP", "GM", "SM", "DOC", "ECG", "HD"})


def render(
    content: bytes,
    *,
    head: int,
    number: int,
    media_type: str,
    quality: int,
    window: list[Any] | None,
    viewport: list[int] | None,
    thumbnail: bool,
) -> bytes:
    """Make the picture; a thumbnail that may show who it is, is a grey plate."""
    dataset = frame_of(content, head, number)
    if thumbnail and may_show_identity(dataset):
        return plate(media_type)
    picture = _scaled(_picture(dataset, window), dataset, viewport)
    return _encoded(picture, media_type, quality)


def may_show_identity(dataset: Dataset) -> bool:
    """Say whether the patient's name may stand in the pixels."""
    burned = str(dataset.get("BurnedInAnnotation") or "").strip().upper()
    return burned == "YES" or (burned != "NO" and str(dataset.get("Modality") or "") in _WRITE_INTO_THE_PICTURE)


def plate(media_type: str) -> bytes:
    """Return a picture that shows nothing."""
    return _encoded(Image.new("L", (_PLATE, _PLATE), 96), media_type, 80)


def _encoded(picture: Image.Image, media_type: str, quality: int) -> bytes:
    output = BytesIO()
    picture.save(output, media_type.removeprefix("image/").upper(), quality=quality)
    return output.getvalue()


def _picture(dataset: Any, window: list[Any] | None) -> Image.Image:
    array = samples(dataset, raw=False)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        array = apply_color_lut(array, dataset)
    if array.ndim == 3:
        if array.dtype != np.uint8:
            array = (array.astype(np.float64) / max(1, np.iinfo(array.dtype).max) * 255).astype(np.uint8)
        return Image.fromarray(array[..., :3], "RGB")
    grey = _grey(apply_modality_lut(array, dataset), dataset, window)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        grey = 255 - grey
    return Image.fromarray(grey, "L")


def _grey(values: Any, dataset: Dataset, window: list[Any] | None) -> Any:
    """Map values to 0 to 255: by the window that was asked for, the file's own table or window, or all there is."""
    if window is None and dataset.get("VOILUTSequence"):
        mapped = apply_voi(values.astype(np.int32), dataset)
        return _windowed(mapped, (float(mapped.min()) + float(mapped.max())) / 2, np.ptp(mapped), "LINEAR_EXACT")
    if window is None and dataset.get("WindowCenter") is not None and dataset.get("WindowWidth") is not None:
        centre, width = (_first(dataset[keyword].value) for keyword in ("WindowCenter", "WindowWidth"))
        window = [centre, width, str(dataset.get("VOILUTFunction") or "LINEAR")]
    if window is None:
        low, high = float(values.min()), float(values.max())
        window = [(low + high) / 2, high - low, "LINEAR_EXACT"]
    return _windowed(values, float(window[0]), float(window[1]), str(window[2]).upper())


def _windowed(values: Any, centre: float, width: float, function: str) -> Any:
    values = values.astype(np.float64)
    if function == "SIGMOID":
        shown = 255 / (1 + np.exp(np.clip(-4 * (values - centre) / max(width, 1e-9), -700, 700)))
    elif function == "LINEAR_EXACT":
        shown = ((values - centre) / max(width, 1e-9) + 0.5) * 255
    else:
        shown = ((values - (centre - 0.5)) / max(width - 1, 1e-9) + 0.5) * 255
    return np.clip(np.rint(shown), 0, 255).astype(np.uint8)


def _first(value: Any) -> float:
    return float(value[0] if hasattr(value, "__len__") and not isinstance(value, str) else value)


def _scaled(picture: Image.Image, dataset: Dataset, viewport: list[int] | None) -> Image.Image:
    """Cut out what was asked for, and make it fit; the sides keep the proportions of the body."""
    if viewport and len(viewport) == 6:
        left, top, width, height = viewport[2:]
        picture = picture.crop((left, top, left + abs(width), top + abs(height)))
        if width < 0:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if height < 0:
            picture = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    tall, wide = _spacing(dataset)
    across, down = picture.width * max(1.0, wide / tall), picture.height * max(1.0, tall / wide)
    factor = min(viewport[0] / across, viewport[1] / down) if viewport else 1.0
    size = max(1, round(across * factor)), max(1, round(down * factor))
    return picture if size == picture.size else picture.resize(size, Image.Resampling.BILINEAR)


def _spacing(dataset: Dataset) -> tuple[float, float]:
    """Return how tall and how wide a pixel is, in one unit; square when the file says nothing of use."""
    for keyword in ("PixelAspectRatio", "PixelSpacing", "ImagerPixelSpacing"):
        value = dataset.get(keyword)
        sides = [float(side) for side in value] if value else []
        if len(sides) == 2 and min(sides) > 0 and 0.1 < sides[0] / sides[1] < 10:
            return sides[0], sides[1]
    return 1.0, 1.0
