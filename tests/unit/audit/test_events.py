"""The catalogue: one entry per verb and use, and nobody reads more than it says."""

import pytest

from beeldpas.audit.events import CATALOGUE, Administration, Change, Denial, Lookup, Reader, Upkeep, Use
from beeldpas.audit.log import visible
from beeldpas.domain.actions import Action

SENSITIVE = {
    "studies",
    "for_whom",
    "hospital",
    "hospitals",
    "gateway",
    "grant",
    "name",
    "patient",
    "actor",
    "address",
    "share_id",
}


AT_THE_PORTAL = {Upkeep.ERASE_SHARE, Upkeep.ERASE_GRANTS, Upkeep.FORGET_SHARES}
AT_THE_HOSPITAL = {
    *Use, *Denial, *Change, *Administration, *Upkeep, Action.EXCHANGE_CODE, Action.PREVIEW_SHARE, Action.EXPORT_LOG,
} - AT_THE_PORTAL  # fmt: skip


def test_every_verb_and_everything_else_that_is_logged_is_in_the_catalogue() -> None:
    assert {*Action, *Use, *Lookup, *Change, *Administration, *Upkeep} <= set(CATALOGUE)


@pytest.mark.parametrize("kind", CATALOGUE)
def test_the_helpdesk_reads_no_study_hospital_name_or_patient(kind: str) -> None:
    assert CATALOGUE[kind].readable[Reader.HELPDESK] & SENSITIVE == set()


@pytest.mark.parametrize("kind", CATALOGUE)
def test_security_reads_nothing_medical(kind: str) -> None:
    assert CATALOGUE[kind].readable[Reader.SECURITY] & {"studies", "for_whom"} == set()


@pytest.mark.parametrize("kind", CATALOGUE)
def test_a_patient_reads_every_detail_but_not_how_we_name_people_inside(kind: str) -> None:
    readable = CATALOGUE[kind].readable[Reader.PATIENT]
    assert CATALOGUE[kind].details <= readable
    assert readable & {"actor", "patient", "share_id", "address", "policy"} == set()


@pytest.mark.parametrize("kind", CATALOGUE)
def test_a_hospital_reads_only_what_it_did_itself(kind: str) -> None:
    readable = CATALOGUE[kind].readable[Reader.HOSPITAL]
    assert bool(readable) == (kind in AT_THE_HOSPITAL)
    assert readable & {"patient", "share_id", "reference", "policy"} == set()


def test_what_is_not_allowed_does_not_come_through() -> None:
    record = {
        "kind": Use.DOWNLOAD,
        "at": "now",
        "studies": ["1.2.3"],
        "patient": "p",
        "name": "D",
        "organisation": "O",
        "phase": "ended",
    }
    assert visible(record, Reader.HELPDESK) == {
        "kind": "download",
        "at": "now",
        "organisation": "O",
        "phase": "ended",
    }
    assert "studies" not in visible(record, Reader.SECURITY)
    assert visible({"kind": Action.VIEW_TIMELINE, "at": "now"}, Reader.HELPDESK) == {}
