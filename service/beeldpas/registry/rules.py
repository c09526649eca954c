"""What makes a published resource acceptable, and how it is kept: without its subject, who is named apart.

The allow-list of fields is checked first (`formats/fhir/fields`); here is what the fields must say together, and
that a hospital speaks for itself only. *Source:* docs/wire.md §2.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.formats import instance_lists
from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.bundles import Put
from beeldpas.formats.fhir.fields import check_fields, refusal
from beeldpas.formats.fhir.text import Resource, render
from beeldpas.formats.fingerprints import is_fingerprint
from beeldpas.formats.hospitals import Hospital, is_below
from beeldpas.formats.instance_lists import Lists
from beeldpas.registry.store.entries import Entry
from beeldpas.registry.store.tables import UNDATED
from beeldpas.registry.urls import holds_bsn

_IDENTIFIER_LIMIT = 300
_Accepted = tuple[str, dict[str, Any], BSN | None]  # key, columns, whose it is
_WHOSE = ("subject", "id")
_STUDY_PREFIX = f"{systems.DICOM_UID}|{systems.OID_PREFIX}"


def accept(put: Put, hospital: Hospital) -> Entry:
    """Turn one PUT of a hospital into the entry that is kept, once its person has a name.

    Raises: Malformed("invalid_resource") for what may not be published, Malformed("bsn_in_url"),
    Refused("not_your_entry") for what belongs to another hospital.
    """
    path, _, query = put.url.partition("?")
    if holds_bsn(path, query):
        raise Malformed("bsn_in_url")
    if put.resource is None:
        return _taken_out(put, path, query)
    resource, lists = _taken_apart(put.resource)
    kind = check_fields(resource)
    key, columns, person = _ACCEPT[kind](resource, hospital)
    if _addressed(kind, path, query) != _address(kind, key):
        raise refusal(f"{kind}: not what the address names")
    if not lists:
        return Entry(kind, key, columns, put.if_match, person)
    if person is not None and instance_lists.names(lists, person):
        raise refusal(f"{kind}: the BSN stands outside the subject")
    told = render({name: value for name, value in put.resource.items() if name not in _WHOSE})
    return Entry(kind, key, {**columns, "listed": True}, put.if_match, person, told, instance_lists.pack(lists))


def _taken_apart(resource: Resource) -> tuple[Resource, Lists]:
    """A study's instances are checked apart from the rest, and kept apart from it."""
    if resource.get("resourceType") != "ImagingStudy":
        return resource, {}
    return instance_lists.taken_apart(resource)


def _taken_out(put: Put, path: str, query: str) -> Entry:
    """A DELETE needs no person: whoever published the entry knows its identifier, and perhaps no more."""
    kind, mark, key = _addressed(path, path, query).partition("?")
    if kind not in ("ImagingStudy", "DiagnosticReport") or not mark or not 0 < len(key) <= _IDENTIFIER_LIMIT:
        raise refusal("DELETE: by identifier only")
    return Entry(kind, key, {}, put.if_match)


def _address(kind: str, key: str) -> str:
    """What an address must name: `Endpoint/id`, or the identifier of a conditional update."""
    return f"Endpoint/{key}" if kind == "Endpoint" else f"{kind}?{key}"


def _addressed(kind: str, path: str, query: str) -> str:
    """What an address does name; "" when it is none of the two forms."""
    if not query:
        return unquote(path)
    parameters = parse_qsl(query, keep_blank_values=True)
    if path != kind or len(parameters) != 1 or parameters[0][0] != "identifier":
        return ""
    token = parameters[0][1]
    return f"{kind}?{token.removeprefix(_STUDY_PREFIX) if kind == 'ImagingStudy' else token}"


def _accept_endpoint(resource: Resource, hospital: Hospital) -> _Accepted:
    if resource.get("id") != hospital.gateway_id or not is_below(str(resource.get("address")), hospital.base_url):
        raise Refused("not_your_entry", {"where": "Endpoint"})
    owner = resource.get("managingOrganization", {}).get("identifier")
    if values.identified(owner, systems.URA) != hospital.ura:
        raise Refused("not_your_entry", {"where": "Endpoint.managingOrganization"})
    for name in ("status", "connectionType", "payloadType"):
        if name not in resource:
            raise refusal(f"Endpoint.{name}")
    if resource["connectionType"].get("code") != systems.WADO_RS:
        raise refusal("Endpoint.connectionType")
    return hospital.gateway_id, {"resource": render(resource)}, None


def _accept_study(resource: Resource, hospital: Hospital) -> _Accepted:
    if "status" not in resource:
        raise refusal("ImagingStudy.status")
    uid = _study_uid(resource)
    basis = _only(resource.get("meta", {}).get("tag", []), "ImagingStudy.meta.tag: one publication basis")
    _check_provenance(resource.get("extension", []), hospital)
    if [one.get("reference") for one in resource.get("endpoint", [])] != [f"Endpoint/{hospital.gateway_id}"]:
        raise Refused("not_your_entry", {"where": "ImagingStudy.endpoint"})
    _check_series(resource.get("series", []))
    bsn, kept = _without_person(resource)
    columns = {
        "basis": _required(basis, "code", "ImagingStudy.meta.tag"),
        "status": resource["status"],
        "started": values.day(resource.get("started")) or UNDATED,
        "resource": kept,
        "listed": False,
        **_withheld(resource),
    }
    return uid, columns, bsn


def _accept_report(resource: Resource, _hospital: Hospital) -> _Accepted:
    if "status" not in resource or "code" not in resource:
        raise refusal("DiagnosticReport.status and .code")
    for coding in resource["code"]["coding"]:  # a kind of report from a code system, never words alone
        _required(coding, "system", "DiagnosticReport.code")
        _required(coding, "code", "DiagnosticReport.code")
    where = "DiagnosticReport.identifier"
    identifier = _only(resource.get("identifier", []), where)
    key = f"{_required(identifier, 'system', where)}|{_required(identifier, 'value', where)}"
    if len(key) > _IDENTIFIER_LIMIT or identifier["system"] == systems.BSN:
        raise refusal(where)
    studies = resource.get("imagingStudy", [])
    if not studies or not all(_uid_of([one.get("identifier", {})]) for one in studies):
        raise refusal("DiagnosticReport.imagingStudy")
    _check_report_extensions(resource.get("extension", []))
    bsn, kept = _without_person(resource)
    return key, {"status": resource["status"], "resource": kept, **_withheld(resource)}, bsn


def _check_report_extensions(extensions: list[Resource]) -> None:
    """The end of an embargo, and earlier versions by the instances that hold them, each with its kind of value."""
    for one in extensions:
        is_day = set(one) == {"url", "valueDate"} and one["url"] == systems.READABLE_FROM
        is_earlier = set(one) == {"url", "valueReference"} and one["url"] == systems.REPLACES
        if not is_day and not (is_earlier and _uid_of([one["valueReference"].get("identifier", {})])):
            raise refusal("DiagnosticReport.extension")


def _withheld(resource: Resource) -> dict[str, bool]:
    """From whom its hospital withholds an entry."""
    codes = [one.get("code") for one in resource.get("meta", {}).get("security", [])]
    return {"from_providers": "providers" in codes, "from_representatives": "representatives" in codes}


_ACCEPT: Mapping[str, Callable[[Resource, Hospital], _Accepted]] = {
    "Endpoint": _accept_endpoint,
    "ImagingStudy": _accept_study,
    "DiagnosticReport": _accept_report,
}


def _study_uid(resource: Resource) -> str:
    """The one study UID; beside it there may be an accession number and nothing else."""
    where = "ImagingStudy.identifier"
    identifiers = resource.get("identifier", [])
    uids = [one for one in identifiers if one.get("system") == systems.DICOM_UID]
    uid = _uid_of([_only(uids, where)])
    others = [one for one in identifiers if one.get("system") != systems.DICOM_UID]
    if not uid or any(_codes(one.get("type")) != [systems.ACCESSION] for one in others):
        raise refusal(where)
    return uid


def _uid_of(identifiers: list[Resource]) -> str:
    value = values.identified(identifiers, systems.DICOM_UID)
    return values.uid(value) if value.startswith(systems.OID_PREFIX) else ""


def _codes(concept: object) -> list[object]:
    return [coding.get("code") for coding in values.codings(concept)]


def _check_provenance(extensions: list[Resource], hospital: Hospital) -> None:
    """Both extensions, each once and with its own value; the custodian is the hospital that speaks.

    Beside them there may be fingerprints of birth date and sex, and what is none is refused: it might be the value.
    """
    told = {one.get("url"): one for one in extensions}
    for url in (systems.BIRTH_DATE_PRINT, systems.SEX_PRINT):
        if url in told:
            own = told.pop(url)
            extensions = [one for one in extensions if one is not own]
            if set(own) != {"url", "valueString"} or not is_fingerprint(own["valueString"]):
                raise refusal("ImagingStudy.extension: no fingerprint")
    origin, custodian = told.get(systems.ORIGIN), told.get(systems.CUSTODIAN)
    if len(extensions) != 2 or origin is None or custodian is None:
        raise refusal("ImagingStudy.extension")
    if set(origin) != {"url", "valueBoolean"} or set(custodian) != {"url", "valueIdentifier"}:
        raise refusal("ImagingStudy.extension")
    if values.identified(custodian["valueIdentifier"], systems.URA) != hospital.ura:
        raise Refused("not_your_entry", {"where": "ImagingStudy.extension: custodian"})


def _check_series(series: list[Resource]) -> None:
    uids = [one.get("uid") for one in series]
    for index, one in enumerate(series):
        if values.uid(one.get("uid")) != one.get("uid") or not values.modalities(one.get("modality")):
            raise refusal(f"ImagingStudy.series[{index}]")
    if len(set(uids)) != len(uids):
        raise refusal("ImagingStudy.series: one UID twice")


def _without_person(resource: Resource) -> tuple[BSN, str]:
    """Take the subject out. A BSN anywhere else in the resource would be kept in clear, so it is refused."""
    kind = resource["resourceType"]
    subject = resource.get("subject", {}).get("identifier")
    try:
        bsn = BSN.parse(values.identified(subject, systems.BSN))
    except Malformed as error:
        raise refusal(f"{kind}.subject") from error
    kept = render({name: value for name, value in resource.items() if name not in _WHOSE})
    if bsn.reveal() in kept or bsn.reveal().lstrip("0") in kept:
        raise refusal(f"{kind}: the BSN stands outside the subject")
    return bsn, kept


def _only(found: list[Resource], where: str) -> Resource:
    if len(found) != 1:
        raise refusal(where)
    return found[0]


def _required(element: Resource, name: str, where: str) -> str:
    value = element.get(name)
    if not isinstance(value, str):
        raise refusal(f"{where}.{name}")
    return value
