"""Which attributes stand at which level of a search, and which are given without being asked for.

*Source:* DICOM PS3.18 Tables 10.6.3-3 to 10.6.3-5 (returned attributes); PS3.3 §A.1.2 (patient, study, series).
"""

from typing import Final

from pydicom.datadict import dictionary_VR, keyword_dict, tag_for_keyword

from beeldpas.domain.errors import Malformed

SPECIFIC_CHARACTER_SET: Final = "00080005"
MODALITIES: Final = "00080061"
SOP_CLASSES: Final = "00080062"
AVAILABILITY: Final = "00080056"
RETRIEVE_URL: Final = "00081190"
STUDY_UID: Final = "0020000D"
SERIES_UID: Final = "0020000E"
SOP_UID: Final = "00080018"
SERIES_IN_STUDY: Final = "00201206"
INSTANCES_IN_STUDY: Final = "00201208"
INSTANCES_IN_SERIES: Final = "00201209"

LEVELS: Final = ("studies", "series", "instances")
_ANYWHERE = (SPECIFIC_CHARACTER_SET, AVAILABILITY, RETRIEVE_URL)
# Given at each level when nobody asks for more.
GIVEN: Final = {
    "studies": frozenset({
        "00080020", "00080030", "00080050", MODALITIES, "00080090", "00080201", "00081030", "00100010", "00100020",
        "00100021", "00100030", "00100040", STUDY_UID, "00200010", SERIES_IN_STUDY, INSTANCES_IN_STUDY, *_ANYWHERE,
    }),
    "series": frozenset({
        "00080060", "0008103E", SERIES_UID, "00200011", INSTANCES_IN_SERIES, "00080021", "00080031", "00400244",
        "00400245", "00400275", *_ANYWHERE,
    }),
    "instances": frozenset({
        "00080016", SOP_UID, "00200013", "00280010", "00280011", "00280100", "00280008", *_ANYWHERE,
    }),
}  # fmt: skip
# Given even when the file says nothing of it.
ALWAYS: Final = frozenset({
    "00080020", "00080030", "00080050", "00080090", "00100010", "00100020", "00100030", "00100040", "00200010",
    "00080060", "00200011", "00080016", "00200013",
})  # fmt: skip
# What may be asked for or matched besides: it is the same for all that lies below.
_MORE = {
    "studies": frozenset({
        "00080010", "00080051", "00080080", "00080081", "00081032", "00081048", "00081060", "00081080", "00101000",
        "00101001", "00101002", "00101010", "00101020", "00101030", "00101040", "001021B0", "00102160", "00104000",
        "00180010", "0020000D", "00321032", "00321060", "00401012", SOP_CLASSES,
    }),
    "series": frozenset({
        "00080070", "00081010", "00081040", "00081050", "00081070", "00081090", "00081111", "00180015", "00181030",
        "00185100", "00200060", "00200052", "00201040", "00204000", "00321064", "00400253", "00400254",
    }),
}  # fmt: skip


def may_stand_at(level: str, tag: str) -> bool:
    """Say whether an attribute is one and the same for all that lies below an entry of this level."""
    if level == "instances":
        return True
    upper = LEVELS[: LEVELS.index(level) + 1]
    return any(tag in GIVEN[one] or tag in _MORE[one] for one in upper)


def tag_of(name: str) -> str:
    """Return the tag of an attribute named by tag or keyword. Raises: Malformed("attribute")."""
    if len(name) == 8 and name not in keyword_dict:
        try:
            return f"{int(name, 16):08X}"
        except ValueError as error:
            raise Malformed("attribute") from error
    tag = tag_for_keyword(name)
    if tag is None:
        raise Malformed("attribute")
    return f"{tag:08X}"


def vr_of(tag: str) -> str:
    """Return how an attribute's values are written; text for what no dictionary knows."""
    try:
        return dictionary_VR(int(tag, 16))
    except KeyError:
        return "LO"
