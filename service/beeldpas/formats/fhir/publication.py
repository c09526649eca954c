"""What a hospital tells the registry: that a study exists, where it can be fetched and that it has a report.

Never what a report says. *Source:* docs/wire.md §2; FHIR R4 ImagingStudy, Endpoint, DiagnosticReport.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from beeldpas.domain.bsn import BSN
from beeldpas.formats.fhir import systems
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.fingerprints import UNKNOWN, Fingerprints

PublicationBasis = Literal["law", "consent", "patient-request"]


class PublishedInstance(NamedTuple):
    """One object of a series, by its UIDs."""

    sop_uid: str
    sop_class: str


@dataclass(frozen=True, slots=True)
class PublishedSeries:
    """A series; `laterality` is L, R, B or empty, the modality a DICOM code.

    `listed` names every instance, or none where the hospital does not list them.
    """

    uid: str
    number: int | None
    modality: str
    description: str
    instances: int
    body_part: str
    laterality: str
    listed: tuple[PublishedInstance, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedReport:
    """That a report exists; `sop_uid` is the instance that holds it, `replaces` hold its earlier versions.

    `readable_from`: the end of an embargo.
    """

    sop_uid: str
    status: Literal["partial", "preliminary", "final", "amended", "entered-in-error"]
    made: date | None
    readable_from: date | None = None
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedStudy:
    """One study of one person as its hospital registers it; `withdrawn` takes it out of every answer again.

    `withheld_from`: whom the hospital does not show it, `representatives` or `providers`.
    """

    study_uid: str
    bsn: BSN
    basis: PublicationBasis
    origin: bool
    accession: str
    started: date | None
    description: str
    procedure: str
    series: tuple[PublishedSeries, ...]
    reports: tuple[PublishedReport, ...]
    withdrawn: bool = False
    withheld_from: tuple[str, ...] = ()
    fingerprints: Fingerprints = UNKNOWN

    @property
    def listed(self) -> int:
        """How many of its instances are named."""
        return sum(len(one.listed) for one in self.series)


@dataclass(frozen=True, slots=True)
class PublishingHospital:
    """Who publishes; `base_url` is the gateway's, without a final slash."""

    gateway_id: str
    name: str
    ura: str
    base_url: str


def uid_identifier(uid: str) -> Resource:
    """A DICOM UID as FHIR writes it."""
    return {"system": systems.DICOM_UID, "value": systems.OID_PREFIX + uid}


def endpoint_resource(hospital: PublishingHospital) -> Resource:
    """Where the hospital's images can be fetched."""
    return {
        "resourceType": "Endpoint",
        "id": hospital.gateway_id,
        "status": "active",
        "connectionType": {"system": systems.CONNECTION_TYPE, "code": systems.WADO_RS},
        "name": hospital.name,
        "managingOrganization": {
            "identifier": {"system": systems.URA, "value": hospital.ura},
            "display": hospital.name,
        },
        "payloadType": [{"coding": [{"system": systems.PAYLOAD_TYPE, "code": "any"}]}],
        "payloadMimeType": ["application/dicom"],
        "address": f"{hospital.base_url}/dicom-web",
    }


def study_resource(study: PublishedStudy, hospital: PublishingHospital) -> Resource:
    """The study's entry. A withdrawn one keeps who and which, nothing more."""
    entry = {
        "resourceType": "ImagingStudy",
        "meta": {"tag": [{"system": systems.PUBLICATION_BASIS, "code": study.basis}], **_security(study)},
        "extension": [
            {"url": systems.ORIGIN, "valueBoolean": study.origin},
            {
                "url": systems.CUSTODIAN,
                "valueIdentifier": {"system": systems.URA, "value": hospital.ura},
            },
            *_fingerprints(study),
        ],
        "identifier": [uid_identifier(study.study_uid)],
        "status": "entered-in-error" if study.withdrawn else "available",
        "subject": _subject(study.bsn),
        "endpoint": [{"reference": f"Endpoint/{hospital.gateway_id}"}],
    }
    if study.withdrawn:
        return entry
    if study.accession:
        entry["identifier"] = [uid_identifier(study.study_uid), _accession(study.accession)]
    return entry | _without_nothing(
        {
            "modality": [_modality(code) for code in sorted({series.modality for series in study.series})],
            "started": study.started.isoformat() if study.started else None,
            "numberOfSeries": len(study.series),
            "numberOfInstances": sum(series.instances for series in study.series),
            "procedureCode": [{"text": study.procedure}] if study.procedure else None,
            "description": study.description,
            "series": [_series(series) for series in study.series],
        }
    )


def report_resource(report: PublishedReport, study: PublishedStudy, hospital: PublishingHospital) -> Resource:
    """That a report exists: its kind, date and status, under a title that is the same for all."""
    concept = {
        "system": systems.LOINC,
        "code": systems.IMAGING_REPORT,
        "display": systems.IMAGING_REPORT_TITLE,
    }
    return _without_nothing(
        {
            "resourceType": "DiagnosticReport",
            "meta": _security(study) or None,
            "extension": [*_embargo(report), *_earlier(report)],
            "identifier": [uid_identifier(report.sop_uid)],
            "status": "entered-in-error" if study.withdrawn else report.status,
            "category": [{"coding": [{"system": systems.REPORT_CATEGORY, "code": systems.RADIOLOGY}]}],
            "code": {"coding": [concept]},
            "subject": _subject(study.bsn),
            "effectiveDateTime": report.made.isoformat() if report.made else None,
            "imagingStudy": [{"identifier": uid_identifier(study.study_uid)}],
            "performer": [{"display": hospital.name}],
        }
    )


def _security(study: PublishedStudy) -> Resource:
    labels = [{"system": systems.WITHHELD_FROM, "code": code} for code in study.withheld_from]
    return {"security": labels} if labels else {}


def _fingerprints(study: PublishedStudy) -> list[Resource]:
    told = {systems.BIRTH_DATE_PRINT: study.fingerprints.birth_date, systems.SEX_PRINT: study.fingerprints.sex}
    return [{"url": url, "valueString": one} for url, one in told.items() if one]


def _embargo(report: PublishedReport) -> list[Resource]:
    day = report.readable_from
    return [{"url": systems.READABLE_FROM, "valueDate": day.isoformat()}] if day else []


def _earlier(report: PublishedReport) -> list[Resource]:
    """*Source:* HL7 FHIR R4, standard extension diagnosticReport-replaces."""
    return [
        {"url": systems.REPLACES, "valueReference": {"identifier": uid_identifier(uid)}} for uid in report.replaces
    ]


def _subject(bsn: BSN) -> Resource:
    return {"identifier": {"system": systems.BSN, "value": bsn.reveal()}}


def _accession(number: str) -> Resource:
    kind = {"coding": [{"system": systems.IDENTIFIER_TYPE, "code": systems.ACCESSION}]}
    return {"type": kind, "value": number}


def _modality(code: str) -> Resource:
    return {"system": systems.DCM, "code": code}


def _series(series: PublishedSeries) -> Resource:
    side = systems.LATERALITY.get(series.laterality)
    return _without_nothing(
        {
            "uid": series.uid,
            "number": series.number,
            "modality": _modality(series.modality),
            "description": series.description,
            "numberOfInstances": series.instances,
            "bodySite": {"display": series.body_part} if series.body_part else None,
            "laterality": {"system": systems.SNOMED, "code": side} if side else None,
            "instance": [instance_element(one) for one in series.listed],
        }
    )


def instance_element(one: PublishedInstance) -> Resource:
    """One instance of a series as FHIR writes it."""
    return {"uid": one.sop_uid, "sopClass": {"system": systems.URI, "code": systems.OID_PREFIX + one.sop_class}}


def _without_nothing(resource: Resource) -> Resource:
    """FHIR has no empty values: what is unknown is left out."""
    return {name: value for name, value in resource.items() if value not in (None, "", [])}
