"""What examinations are called."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.house.tree import ROOT

from beeldpas.portal.words import codes
from beeldpas.portal.words.catalogue import LANGUAGES, load_translators
from beeldpas.portal.words.titles import study_title

TRANSLATORS = load_translators(ROOT / "frontend" / "locales")


@dataclass(frozen=True)
class Scan:
    """Something with a title."""

    modalities: tuple[str, ...]
    body_part: str = ""
    laterality: str = ""


@pytest.mark.parametrize(
    ("scan", "dutch", "english"),
    [
        (Scan(("CT",), "ABDOMEN"), "CT-scan van de buik", "CT scan of the abdomen"),
        (Scan(("DX",), "KNEE", "L"), "Röntgenfoto van de linkerknie", "X-ray of the left knee"),
        (Scan(("CR",), "eye", "RIGHT"), "Röntgenfoto van het rechteroog", "X-ray of the right eye"),
        (Scan(("US",), "LUNG", "B"), "Echo van de long (links en rechts)", "Ultrasound of the lung (left and right)"),
        (Scan(("MR",), "HEART", "L"), "MRI-scan van het hart", "MRI scan of the heart"),
        (Scan(("CT", "PT", "KO"), "WHOLEBODY"), "PET-CT-scan van het hele lichaam", "PET-CT scan of the whole body"),
        (Scan(("US", "CT")), "CT-scan en echo", "CT scan and ultrasound"),
        (Scan(("US", "CT", "MR", "XC")), "CT-scan en MRI-scan en 2 andere", "CT scan and MRI scan and 2 others"),
        (Scan(("CT", "SR", "SEG")), "CT-scan", "CT scan"),
        (Scan(("SR",)), "Verslag of meetgegevens", "Report or measurements"),
        (Scan(("EC",)), "Echo", "Ultrasound"),
        (Scan(("ZZ",)), "Onderzoek (ZZ)", "Examination (ZZ)"),
        (Scan(()), "Onderzoek", "Examination"),
        (Scan(("CT",), "THORAX CT _AH05"), "CT-scan", "CT scan"),
        (Scan(("CT",), "head-neck"), "CT-scan van het hoofd en de hals", "CT scan of the head and neck"),
    ],
)  # fmt: skip
def test_a_title_is_made_of_what_is_coded_and_never_guessed(scan: Scan, dutch: str, english: str) -> None:
    assert [study_title(TRANSLATORS[language], scan) for language in ("nl", "en")] == [dutch, english]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_body_part_has_its_words(language: str) -> None:
    t = TRANSLATORS[language]
    for code in codes._KINDS:
        assert t(f"modality.{code}.name")
        assert t(f"modality.{code}.sentence").endswith(".")
    for part in codes._PARTS:
        assert t(f"body.{part}").count("|") == 1


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("Lumbo-Sacral SP", "LSSPINE"), ("WHOLE BODY", "WHOLEBODY"), ("CHEST/ABD", "CHESTABDOMEN"), ("knie", "KNEE"),
        ("CHEST_TO_PELVIS", "CHESTABDPELVIS"), ("MAMMA", "BREAST"), ("", None), ("BUIKPIJN", None),
    ],
)  # fmt: skip
def test_body_parts_are_read_as_scanners_write_them(written: str, part: str | None) -> None:
    assert codes.body_part(written) == part


def test_an_unknown_kind_is_taken_for_images_so_that_nothing_is_hidden() -> None:
    assert codes.kind("NEW") is codes.Kind.IMAGE
    assert codes.kind("RTPLAN") is codes.Kind.TECHNICAL
