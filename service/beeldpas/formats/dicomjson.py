"""The headers of a file in the DICOM JSON model, and addresses for the large values that are left out of it.

An address is kept relative to its instance, since the index does not know by what name the gateway is reached; it is
completed when the headers are given.

*Source:* DICOM PS3.18 Annex F (JSON model), §F.2.6 (BulkDataURI); PS3.3 §C.7.6.3, §C.7.6.24 (float pixels).
"""

import json
import math
import re
from typing import Any, Final

from pydicom.dataset import Dataset

from beeldpas.formats.dicom import lenient, number

_LARGEST_VALUE: Final = 4096
_RELATIVE: Final = "bulkdata/"
_KEY: Final = '"BulkDataURI":"'
_MARK: Final = _KEY + _RELATIVE
_UNCOMPRESSED: Final = frozenset(f"1.2.840.10008.1.2{tail}" for tail in ("", ".1", ".2", ".1.99"))
_BY_REFERENCE: Final = ("1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.95")  # the pixels are on another server


def metadata_json(dataset: Dataset) -> str:
    """Return the data set as text; the pixels and other large binary values are addresses instead.

    An element that breaks the standard's rules beyond expression is left out.
    """
    with lenient():
        model = dataset.to_json_dict(suppress_invalid_tags=True)
        model |= _pixels(dataset)
    lean = _lean({tag: element for tag, element in model.items() if not tag.startswith("0002")}, "")
    lean["00080005"] = {"vr": "CS", "Value": ["ISO_IR 192"]}
    return json.dumps(dict(sorted(lean.items())), separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def with_addresses(model: str, instance: str) -> str:
    """Complete the addresses in a model; `instance` is where its instance can be had.

    A text that looks like an address cannot be mistaken for one: its quotes are escaped.
    """
    return model.replace(_MARK, f"{_KEY}{instance}/{_RELATIVE}")


def _pixels(dataset: Dataset) -> dict[str, Any]:
    """Return the address of the pixels, which the header ends before; nothing for what is no image."""
    syntax = str(dataset.file_meta.get("TransferSyntaxUID", "")) if hasattr(dataset, "file_meta") else ""
    if "Rows" not in dataset or syntax in _BY_REFERENCE:
        return {}
    bits = number(dataset, "BitsAllocated") or 8
    if "PixelRepresentation" in dataset or bits not in {32, 64}:
        return {"7FE00010": _address("OW" if bits > 8 and syntax in _UNCOMPRESSED else "OB", "7FE00010")}
    return {"7FE00008": _address("OF", "7FE00008")} if bits == 32 else {"7FE00009": _address("OD", "7FE00009")}


def _address(vr: str, path: str) -> dict[str, str]:
    return {"vr": vr, "BulkDataURI": _RELATIVE + path}


def _lean(model: dict[str, Any], above: str) -> dict[str, Any]:
    """Leave out what is large; `above` is the path of the sequence's item that this is, with a slash at its end."""
    kept = {}
    for tag, element in model.items():
        if tag.endswith("0000"):
            continue
        if len(element.get("InlineBinary", "")) > _LARGEST_VALUE:
            kept[tag] = _address(element["vr"], above + tag)
            continue
        kept[tag] = element
        if "Value" in element:
            path = f"{above}{tag}/"
            values = [_lean_value(value, f"{path}{at}/") for at, value in enumerate(element["Value"])]
            kept[tag] = element | {"Value": values}
    return kept


def _lean_value(value: Any, path: str) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return value.replace("\0", "")  # padding that no database takes
    if isinstance(value, dict) and all(re.fullmatch("[0-9A-F]{8}", key) for key in value):
        return _lean(value, path)
    if isinstance(value, dict):
        return {group: _lean_value(name, path) for group, name in value.items()}
    return value
