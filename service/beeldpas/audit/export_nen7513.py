"""Records of the access log as a table for a security officer: CSV, with the field names of NEN 7513.

A cell that a spreadsheet would take for a formula begins with an apostrophe. One line per event.
*Source:* NEN 7513 (field set), Logius extension on logging (names); RFC 4180; OWASP, CSV injection.
"""

import csv
import io
import json
from collections.abc import AsyncIterable, AsyncIterator

from beeldpas.audit.events import CATALOGUE
from beeldpas.audit.export_fhir_agents import network_type
from beeldpas.audit.export_fields import Record, field, free_text, hidden, hide_numbers, patient_of
from beeldpas.audit.standard_codes import codes_of, outcome_of

MEDIA_TYPE = "text/csv; charset=utf-8"
COLUMNS = (
    "EventDateTime",
    "EventID",
    "EventTypeCode",
    "EventActionCode",
    "EventOutcomeIndicator",
    "EventOutcomeDescription",
    "UserID",
    "AlternateUserID",
    "UserName",
    "UserIsRequestor",
    "RoleIDCode",
    "PurposeOfUse",
    "ResponsibleUser",
    "UserOrganisation",
    "UserVerified",
    "NetworkAccessPointTypeCode",
    "NetworkAccessPointID",
    "ParticipantObjectTypeCode",
    "ParticipantObjectTypeCodeRole",
    "ParticipantObjectIDTypeCode",
    "ParticipantObjectID",
    "ParticipantObjectPermissionPolicySet",
    "ParticipantObjectName",
    "ParticipantObjectDetail",
    "AuditEnterpriseSiteID",
    "AuditSourceID",
    "AuditSourceTypeCode",
    "autorisatieProtocol",
    "behandelrelatieProtocol",
    "toestemmingsProfiel",
    "LogRecordID",
)
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def header() -> str:
    """Return the line with the names of the columns."""
    return _line(list(COLUMNS))


def line(record: Record) -> str:
    """Return the line of one record. Raises: KeyError for a kind that the catalogue does not have."""
    codes, patient = codes_of(record), patient_of(record, None)
    address = field(record, "address")
    return _line(
        [
            field(record, "at"),
            codes.event.value,
            field(record, "kind"),
            codes.action,
            outcome_of(record),
            hide_numbers(field(record, "reason") or field(record, "outcome")),
            field(record, "actor"),
            field(record, "ura"),
            free_text(record, "name"),
            "true",
            _roles(record),
            field(record, "purpose"),
            field(record, "on_behalf"),
            free_text(record, "organisation"),
            "true" if record.get("verified") else "false",
            network_type(address) if address else "",
            address,
            "1" if patient else "",
            "1" if patient else "",
            "pseudonym" if patient else "",
            patient.number if patient else "",
            field(record, "policy"),
            field(record, "reference"),
            _details(record),
            field(record, "hospital"),
            field(record, "source"),
            "4",
            field(record, "policy"),
            field(record, "basis"),
            field(record, "reference"),
            field(record, "event_id"),
        ]
    )


async def table(records: AsyncIterable[Record]) -> AsyncIterator[str]:
    """Give the whole table line by line, as the records come."""
    yield header()
    async for record in records:
        yield line(record)


def _roles(record: Record) -> str:
    roles = record.get("roles")
    return " ".join(map(str, roles)) if isinstance(roles, list | tuple) else ""


def _details(record: Record) -> str:
    """What this kind of event says besides, as JSON; only what the reader may see."""
    names = sorted(CATALOGUE[str(record["kind"])].details & record.keys())
    return json.dumps({name: hidden(record[name]) for name in names}, ensure_ascii=False) if names else ""


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([_safe(cell) for cell in cells])
    return text.getvalue()


def _safe(cell: str) -> str:
    begins = (cell.lstrip(" "), cell.lstrip())  # what counts as blank differs between programs
    return f"'{cell}" if any(one.startswith(_BEGINS_A_FORMULA) for one in begins) else cell
