"""What a report's own file says of its state and its day, read from its attributes as the index keeps them.

*Source:* DICOM PS3.3 §C.17.2 (Completion Flag, Preliminary Flag, Content Date); HL7 FHIR R4 diagnostic-report-status.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from beeldpas.formats.dicom import dicom_date

_CONTENT_DATE, _COMPLETION, _PRELIMINARY = "00080023", "0040A491", "0040A496"
ReportState = Literal["partial", "preliminary", "final", "amended"]


def state_of(model: str, *, replaces: bool) -> ReportState:
    """Return the state of a report whose attributes are `model` (DICOM JSON); `replaces`: it has an older version."""
    said = json.loads(model)
    if _text(said, _PRELIMINARY) == "PRELIMINARY":
        return "preliminary"
    if _text(said, _COMPLETION) == "PARTIAL":
        return "partial"
    return "amended" if replaces else "final"


def written_on(model: str) -> date | None:
    """Return the day on which a report was written; None when it does not say."""
    return dicom_date(_text(json.loads(model), _CONTENT_DATE))


def _text(said: Mapping[str, Any], tag: str) -> str:
    values = said.get(tag, {}).get("Value") or [""]
    return str(values[0])
