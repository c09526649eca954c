"""Reading what a hospital signed: strictly, and only what was asked for."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from beeldpas.domain.errors import Malformed
from beeldpas.portal.registries.held import read_preview

CLAIMS: dict[str, Any] = {
    "generation": 7,
    "studies": [
        {
            "uid": "1.2.3",
            "instances": 2,
            "size_bytes": 2000,
            "series": [
                {
                    "uid": "1.2.3.1",
                    "number": None,
                    "modality": "CT",
                    "description": "axial",
                    "instances": 2,
                    "size_bytes": 2000,
                }
            ],
            "reports": [{"kind": "pdf", "title": "Verslag", "sop_uid": "1.2.3.9", "size_bytes": 4000}],
            "identity": {
                "name": "Jansen^Anna",
                "birth_date": "1952-03-08",
                "sex": "F",
                "patient_id": "77",
                "patient_id_issuer": "ZH-NOORD",
            },
        }
    ],
    "missing": [],
}


def test_a_preview_is_read_whole() -> None:
    preview = read_preview(CLAIMS, frozenset({"1.2.3"}))
    (study,) = preview.studies
    assert (study.instances, study.size_bytes, study.series[0].modality) == (2, 2000, "CT")
    assert (study.reports[0].kind, study.reports[0].title) == ("pdf", "Verslag")
    assert (study.identity.birth_date, study.identity.patient_id) == (date(1952, 3, 8), "77")
    assert (preview.missing, preview.generation) == (frozenset(), 7)


def test_what_was_not_asked_for_is_passed_over_and_what_is_not_mentioned_is_missing() -> None:
    preview = read_preview(CLAIMS, frozenset({"1.2.4"}))
    assert (preview.studies, preview.missing) == ((), {"1.2.4"})


def test_an_unknown_birth_date_is_unknown() -> None:
    claims = deepcopy(CLAIMS)
    claims["studies"][0]["identity"]["birth_date"] = None
    assert read_preview(claims, frozenset({"1.2.3"})).studies[0].identity.birth_date is None


def _set(path: str, value: object) -> dict[str, Any]:
    claims = deepcopy(CLAIMS)
    *way, last = path.split(".")
    place: Any = claims
    for step in way:
        place = place[int(step) if step.isdecimal() else step]
    place[last] = value
    return claims


@pytest.mark.parametrize(
    "claims",
    [
        {},
        _set("studies", None),
        _set("studies", [7]),
        _set("generation", "7"),
        _set("studies.0.uid", "1.2.3."),
        _set("studies.0.instances", -1),
        _set("studies.0.instances", True),
        _set("studies.0.size_bytes", 2.5),
        _set("studies.0.series", [None]),
        _set("studies.0.series.0.uid", "x"),
        _set("studies.0.reports.0.kind", "html"),
        _set("studies.0.identity", None),
        _set("studies.0.identity.birth_date", "soon"),
    ],
    ids=str,
)
def test_a_preview_that_is_not_whole_is_malformed(claims: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_preview(claims, frozenset({"1.2.3"}))
