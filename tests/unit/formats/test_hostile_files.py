"""Every broken or hostile file, read alone: one reason, or an index entry that harms nobody."""

import json
from io import BytesIO

import pytest
from pydicom.uid import UID
from tests.hostile import Hostile, corpus

from beeldpas.domain.errors import Malformed
from beeldpas.formats import soundness
from beeldpas.formats.soundness import Bounded
from beeldpas.gateway.scan import Scanned, scan

CORPUS = corpus()


def look(one: Hostile) -> Scanned:
    return scan(BytesIO(one.content), len(one.content))


def test_the_names_are_different():
    assert len({one.name for one in CORPUS}) == len(CORPUS) > 60


@pytest.mark.parametrize("one", [one for one in CORPUS if one.reason], ids=lambda one: one.name)
def test_what_is_left_out_has_one_reason(one):
    with pytest.raises(Malformed) as refused:
        look(one)
    assert refused.value.reason == one.reason


@pytest.mark.parametrize("one", [one for one in CORPUS if not one.reason], ids=lambda one: one.name)
def test_what_is_taken_in_has_a_name_a_model_and_no_program(one):
    found = look(one)
    assert UID(found.instance.sop_uid).is_valid and UID(found.instance.study_uid).is_valid
    assert json.loads(found.model, parse_constant=pytest.fail)["0020000D"]["Value"] == [found.instance.study_uid]
    if found.document and found.document.kind == "sr":
        assert b"<img" not in found.document.content and b"onerror=alert" in found.document.content


def test_a_header_that_never_stops_is_given_up(monkeypatch):
    monkeypatch.setattr(soundness, "LARGEST_HEADER", 1000)
    file = Bounded(BytesIO(bytes(2000)), 2000)
    assert len(file.read(600)) == 600
    with pytest.raises(Malformed, match="too_large"):
        file.read(600)


def test_nothing_is_asked_of_a_file_that_it_does_not_have():
    file = Bounded(BytesIO(b"four"), 4)
    assert (file.read(0xFFFFFFF0), file.read(8)) == (b"four", b"")
