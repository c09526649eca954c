"""Manifests as FHIR writes them: a document Bundle with one ImagingStudy and the Endpoints of its images.

*Source:* IHE RAD MADO, MadoFhirBundle and MadoImagingStudy; FHIR R4 §3.3 (documents).
"""

from dataclasses import replace
from datetime import date

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.opening import open_bundles
from beeldpas.formats.fhir.reading import Reader
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.found import FoundStudy


def read_manifest(bundle: Resource, asked: BSN, today: date) -> FoundStudy:
    """Return the study that a manifest is of; `asked` is whose it should be, which only a BSN in it can contradict.

    Raises: Malformed("unreadable") for anything that is no manifest of one study; ("another_patient").
    """
    if bundle.get("type") != "document":
        raise Malformed("unreadable")
    opened = open_bundles([bundle])
    reader, studies = Reader(opened, asked.reveal(), today), list(opened.of_kind("ImagingStudy"))
    if len(studies) != 1 or opened.broken:
        raise Malformed("unreadable")
    if reader.whose(studies[0]) not in ("", asked.reveal()):
        raise Malformed("another_patient")
    found = reader.read_study(studies[0])
    if found is None:
        raise Malformed("unreadable")
    uras = (values.identified(one.get("identifier"), systems.URA) for one in opened.of_kind("Organization"))
    return replace(found, custodian=found.custodian or next(filter(None, uras), ""))
