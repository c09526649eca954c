"""Lists of instances: taken out of what is published, packed and put back without losing anything."""

from typing import Any

import pytest
from tests.cast import BRAM, NOORD
from tests.index_town import a_study, somebody, with_instances

from beeldpas.domain.errors import Malformed
from beeldpas.formats import instance_lists
from beeldpas.formats.fhir.publication import PublishingHospital, study_resource
from beeldpas.formats.instance_lists import pack, put_together, taken_apart, unpack

HOSPITAL = PublishingHospital("noord", NOORD.name, NOORD.ura, "http://noord.localhost:9001")


def published() -> dict[str, Any]:
    return study_resource(with_instances(a_study(somebody())), HOSPITAL)


def test_what_is_taken_apart_and_packed_comes_together_again() -> None:
    study = published()
    series = study["series"][0]
    series["instance"][7]["sopClass"]["code"] = "urn:oid:1.2.840.10008.5.1.4.1.1.7"
    bare, lists = taken_apart(study)
    assert "instance" not in str(bare) and bare["series"][0]["numberOfInstances"] == 120
    packed = pack(lists)
    assert put_together(bare, unpack(packed)) == study
    assert len(packed) < 120 * 10, "far less than the UIDs themselves"


def test_a_study_without_lists_is_left_as_it_is() -> None:
    study = study_resource(a_study(somebody()), HOSPITAL)
    assert taken_apart(study) == (study, {})
    assert (pack({}), unpack(b""), put_together(study, {})) == (b"", {}, study)


def spoil(study: dict[str, Any], how: str) -> None:
    series = study["series"][0]
    one = series["instance"][0]
    changes = {
        "a number that is none": lambda: one.update(uid="1.2.x"),
        "no UID": lambda: one.pop("uid"),
        "another field": lambda: one.update(title="hidden words"),
        "words beside the class": lambda: one["sopClass"].update(display="hidden words"),
        "a class of another system": lambda: one["sopClass"].update(system="http://example.org"),
        "a bare class": lambda: one["sopClass"].update(code="1.2.840.10008.5.1.4.1.1.2"),
        "one twice": lambda: one.update(uid=series["instance"][1]["uid"]),
        "fewer than are counted": lambda: series["instance"].pop(),
        "none in a list": lambda: series["instance"].clear(),
        "no list": lambda: series.update(instance="1.2.3"),
        "one series without": lambda: study["series"].append({"uid": "1.2.9", "numberOfInstances": 1}),
        "one series twice": lambda: study["series"].append(dict(series)),
        "no object": lambda: series["instance"].__setitem__(0, "1.2.3"),
    }
    changes[how]()


@pytest.mark.parametrize(
    "how",
    [
        "a number that is none", "no UID", "another field", "words beside the class", "a class of another system",
        "a bare class", "one twice", "fewer than are counted", "none in a list", "no list", "one series without",
        "one series twice", "no object",
    ],
)  # fmt: skip
def test_a_list_that_is_not_whole_is_refused(how: str) -> None:
    study = published()
    spoil(study, how)
    with pytest.raises(Malformed) as refused:
        taken_apart(study)
    assert refused.value.reason == "invalid_resource" and "hidden" not in str(refused.value.detail)


def test_a_list_beyond_reason_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance_lists, "MOST", 119)
    with pytest.raises(Malformed):
        taken_apart(published())


def test_a_number_as_a_part_of_a_uid_is_seen_and_by_chance_within_one_is_not() -> None:
    bsn = BRAM.bsn.reveal()
    for uid, told in ((f"1.2.{bsn.lstrip('0')}.3", True), (f"1.2.7{bsn}7.3", False)):
        study = published()
        study["series"][0]["instance"][0]["uid"] = uid
        assert instance_lists.names(taken_apart(study)[1], BRAM.bsn) is told
