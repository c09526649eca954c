"""INDEX.HTM: says whose images these are and what is there, in two languages, and runs nothing."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from beeldpas.domain.bsn import BSN
from beeldpas.gateway.holdings import HeldInstance, HeldReport, HeldSeries, HeldStudy
from beeldpas.gateway.index_page import Placed, index_page
from beeldpas.gateway.pump import Stored
from beeldpas.gateway.readme import Giver

NOORD = Giver("noord", "https://noord.example", "Ziekenhuis Noord", "088 123 4567")
CT, PDF, CDA = (f"1.2.840.10008.5.1.4.1.1.{suffix}" for suffix in ("2", "104.1", "104.2"))
BSN_OF_ANNA = "999990019"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> & co"
_VOID = {"meta", "link", "br", "img", "hr"}


def instance(number: int, sop_class: str = CT, missing: str = "", readable: bool = False) -> HeldInstance:
    report = HeldReport("pdf", "Verslag CT schedel", b"%PDF-", 0, b"") if readable else None
    file = Stored(f"{number}.dcm", "1", 0, 600_000, 0)
    return HeldInstance(
        number, f"1.2.{number}", sop_class, number, "1.2.840.10008.1.2.1", file, b"", b"", missing, report
    )


def series(
    number: int | None, *instances: HeldInstance, description: str = "Axiaal", modality: str = "CT"
) -> HeldSeries:
    return HeldSeries(f"1.2.{number}", number, modality, description, "HEAD", "", instances, b"", b"", b"")


def study(*parts: HeldSeries, **changed: object) -> HeldStudy:
    anna = HeldStudy(
        uid="1.2",
        issuer="ZH-NOORD",
        local_number="4711",
        patient_name="Jansen^Anna^^van der",
        birth_date=date(1952, 3, 8),
        sex="F",
        study_date="20260503",
        study_time="101500",
        description="CT schedel",
        accession="A-123",
        bsn=BSN.parse(BSN_OF_ANNA),
        series=parts or (series(1, instance(1), instance(2)),),
    )
    return replace(anna, **changed)


def page(*studies: HeldStudy, language: str = "nl", reports: tuple[tuple[str, str], ...] = ()) -> str:
    places = [Placed(f"DICOM/ST{number:06d}", one, reports) for number, one in enumerate(studies, 1)]
    return index_page(NOORD, places, language).decode()


class Tree(HTMLParser):
    """Fails on a tag that is not closed where it should be; remembers what there was."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def links(self) -> Iterator[str]:
        return (str(attributes["href"]) for tag, attributes in self.tags if tag == "a")


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_the_receivers_language_comes_first_and_the_other_is_there_too():
    dutch, english = page(study()), page(study(), language="en")
    assert dutch.index("Van wie zijn deze beelden?") < dutch.index("Whose images are these?")
    assert english.index("Whose images are these?") < english.index("Van wie zijn deze beelden?")
    assert '<html lang="nl">' in dutch and '<html lang="en">' in english
    assert [a["lang"] for tag, a in Tree(dutch).tags if tag == "section"] == ["nl", "en"]


def test_it_says_whose_images_these_are_so_that_nobody_imports_them_for_another():
    said = words(page(study()))
    assert "Naam Jansen, Anna van der" in said
    assert "Geboortedatum 8 maart 1952" in said and "Date of birth 8 March 1952" in said
    assert "Geslacht vrouw" in said
    assert "Patiëntnummer van ZH-NOORD 4711" in said
    assert BSN_OF_ANNA not in said


def test_two_patient_numbers_are_both_shown():
    said = words(page(study(), study(local_number="8022"), study()))
    assert [said.count("4711"), said.count("8022")] == [2, 2]  # once in each language


def test_what_is_not_recorded_is_said_to_be():
    bare = study(
        series(None, instance(1), description="", modality=""), birth_date=None, sex="", study_date="", description=""
    )
    said = words(page(bare))
    assert "Geboortedatum niet vastgelegd" in said
    assert "zonder datum: onderzoek zonder omschrijving" in said


def test_it_counts_and_leads_to_folders_and_reports():
    text = page(
        study(series(1, instance(1), instance(2)), series(7, instance(3, PDF, readable=True), modality="DOC")),
        reports=(("REPORTS/R0000001.PDF", "Verslag CT schedel"),),
    )
    said = words(text)
    assert "Omvang 3 bestanden, 1,8 MB" in said and "Amount 3 files, 1.8 MB" in said
    assert "1 CT Axiaal 2 1,2" in said
    assert "Aanvraagnummer A-123" in said
    links = [link for link in Tree(text).links() if not link.startswith(("#", "tel:"))]
    assert links == ["DICOM/ST000001/SE000001/", "DICOM/ST000001/SE000002/", "REPORTS/R0000001.PDF"] * 2


def test_a_document_without_a_readable_form_is_named():
    said = words(page(study(series(1, instance(1, CDA)))))
    assert "Alleen te openen met een programma dat DICOM leest DICOM/ST000001/SE000001/IM000001" in said


def test_what_a_directory_cannot_list_is_said_with_the_reason():
    said = words(page(study(series(1, instance(1, missing="StudyID StudyDate")))))
    assert "niet heeft vastgelegd: StudyDate, StudyID." in said


@pytest.mark.parametrize("field", ["patient_name", "issuer", "local_number", "sex", "description", "accession"])
def test_nothing_that_a_file_says_can_run(field):
    text = page(study(series(1, instance(1), description=HOSTILE, modality=HOSTILE), **{field: HOSTILE}))
    assert {tag for tag, _ in Tree(text).tags} & {"script", "img"} == set()
    assert "&lt;script&gt;" in text
    assert Tree(page(study(), reports=(("REPORTS/R0000001.HTM", HOSTILE),))).open == []


def test_what_turns_the_reading_direction_round_is_left_out():
    text = page(study(local_number="12\u202e34\x1b[2J", patient_name="Jansen\x00^Anna"))
    assert "1234[2J" in text
    assert not any(sign in text for sign in "\u202e\x1b\x00")


def test_it_needs_nothing_from_elsewhere():
    tree = Tree(page(study()))
    assert {tag for tag, _ in tree.tags} & {"link", "script", "iframe", "object", "form"} == set()
    assert {name for _, attributes in tree.tags for name in attributes} & {"src", "style", "onclick"} == set()
    assert [a["content"] for tag, a in tree.tags if "http-equiv" in a] == [
        "default-src 'none'; style-src 'unsafe-inline'"
    ]


def test_it_says_whom_to_call_and_how_to_check():
    text = page(study())
    assert '<a href="tel:0881234567">088 123 4567</a>' in text
    assert "beeldpas verify --keys hospital.jwks.json ." in text
    assert "https://noord.example/jwks.json" in text


def test_the_same_selection_is_the_same_page():
    assert page(study()) == page(study())
