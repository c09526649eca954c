"""The audit message schema of DICOM PS3.15 §A.5.1 as a table, and a judge that goes by it.

`elements` are in order, with how often: 1 once, ? at most once, + at least once, * any number. An attribute ends in
`?` when it is optional; a tuple behind it is all it may be.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

CODED = {"csd-code": (), "codeSystemName": (), "displayName?": (), "originalText": ()}
_BOOLEAN, _DIGITS = ("true", "false", "1", "0"), lambda most: tuple(str(number) for number in range(1, most + 1))
ELEMENTS: dict[str, list[tuple[str, str]]] = {
    "AuditMessage": [
        ("EventIdentification", "1"),
        ("ActiveParticipant", "+"),
        ("AuditSourceIdentification", "1"),
        ("ParticipantObjectIdentification", "*"),
    ],
    "EventIdentification": [("EventID", "1"), ("EventTypeCode", "*"), ("EventOutcomeDescription", "?")],
    "AuditSourceIdentification": [("AuditSourceTypeCode", "*")],
    "ActiveParticipant": [("RoleIDCode", "*"), ("MediaIdentifier", "?")],
    "MediaIdentifier": [("MediaType", "1")],
    "ParticipantObjectIdentification": [("ParticipantObjectIDTypeCode", "1"), ("ParticipantObjectName", "1")],
}
ATTRIBUTES: dict[str, dict[str, tuple[str, ...]]] = {
    "EventIdentification": {
        "EventActionCode?": ("C", "R", "U", "D", "E"),
        "EventDateTime": (),
        "EventOutcomeIndicator": ("0", "4", "8", "12"),
    },
    "AuditSourceIdentification": {"AuditEnterpriseSiteID?": (), "AuditSourceID": ()},
    "AuditSourceTypeCode": {"csd-code": _DIGITS(9)},
    "ActiveParticipant": {
        "UserID": (),
        "AlternativeUserID?": (),
        "UserName?": (),
        "UserIsRequestor": _BOOLEAN,
        "NetworkAccessPointID?": (),
        "NetworkAccessPointTypeCode?": _DIGITS(5),
    },
    "ParticipantObjectIdentification": {
        "ParticipantObjectID": (),
        "ParticipantObjectTypeCode?": _DIGITS(4),
        "ParticipantObjectTypeCodeRole?": _DIGITS(26),
        "ParticipantObjectDataLifeCycle?": _DIGITS(15),
        "ParticipantObjectSensitivity?": (),
    },
    **dict.fromkeys(("EventID", "EventTypeCode", "RoleIDCode", "MediaType", "ParticipantObjectIDTypeCode"), CODED),
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def faults(element: Element) -> Iterator[str]:
    """Say what is wrong with a message, from here down."""
    children = "".join(f"{child.tag} " for child in element)
    order = "".join(f"({name} ){'' if often == '1' else often}" for name, often in ELEMENTS.get(element.tag, []))
    if not re.fullmatch(order, children):
        yield f"{element.tag} holds {children}"
    allowed = ATTRIBUTES.get(element.tag, {})
    needed = {name for name in allowed if not name.endswith("?")}
    if not needed <= {*element.keys()} or not set(element.keys()) <= {name.rstrip("?") for name in allowed}:
        yield f"{element.tag} has {sorted(element.keys())}"
    for name, values in allowed.items():
        value = element.get(name.rstrip("?"))
        if values and value is not None and value not in values:
            yield f"{element.tag} {name} is {value}"
    if element.tag == "EventIdentification" and not _MOMENT.fullmatch(element.get("EventDateTime", "")):
        yield "EventDateTime is no moment"
    for child in element:
        yield from faults(child)
