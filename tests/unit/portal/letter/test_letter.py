"""The letter: opened by two cameras, read in order, on its page with the longest names, never with its PIN.

`pdfua` knows 16 of the 106 rules of PDF/UA-1 that a machine can check: that it is content is no conformance.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pdfua
import pytest
from tests.cast import NOW
from tests.letter_paper import catalog, elements, opencv_reads, printed, qr_box, words_of, zxing_reads
from tests.portal_doors import portal_settings

from beeldpas.domain.codes import ShareCode
from beeldpas.portal.actions.print_letter import HospitalCount, LetterFacts
from beeldpas.portal.letter.letter import Letter, write_letter
from beeldpas.portal.pages.pages import Pages
from beeldpas.portal.store.share_studies import SharedStudy

LINK = "https://portal.example/s#" + "Ab3-_9" * 12
CODE = "7KQ2 M9XD 4TBN W3HF C"
FOLDS_MM = (99.0, 198.0)
LONG_WHOM = "Prof. dr. Maximiliaan van der Hoogenband-Wolfeschlegelsteins"
LONG_HOSPITAL = "Academisch Medisch Centrum Sint-Elisabeth en Tweesteden te"
STUDIES = tuple(
    SharedStudy(f"1.2.{n}", "noord", "Noord", ("CT",), "ABDOMEN", "", date(2026, 3, n), "CT ABD +C", 12, 1)
    for n in range(1, 9)
)
FACTS = LetterFacts(
    share_id="id",
    reference="K7P-4QX-92M",
    for_whom="dr. D. Dekker, Kliniek De Linde",
    note="Graag een tweede mening.",
    language="nl",
    made_at=NOW,
    expires_at=NOW + timedelta(days=14),
    allow_self_declared=True,
    hospitals=(HospitalCount("Ziekenhuis Noord", 2, 1), HospitalCount("Ziekenhuis West", 1, 1)),
    relation="",
    titled=STUDIES[:3],
)
LETTER = Letter(FACTS, LINK, CODE, "A. Jansen", NOW, NOW)
FULL = replace(
    LETTER,
    facts=replace(
        FACTS,
        for_whom=LONG_WHOM,
        hospitals=tuple(HospitalCount(f"{LONG_HOSPITAL} {n}", 12, 11) for n in range(9)),
        titled=STUDIES,
    ),
    typed_name="Wolfeschlegelsteinhausenbergerdorff " * 2,
    names_studies=True,
)


WRITTEN: dict[str, bytes] = {}


async def written(pages: Pages, letter: Letter) -> bytes:
    """The letter, written once however many tests look at it: that takes most of their time."""
    key = repr(letter)
    if key not in WRITTEN:
        WRITTEN[key] = await write_letter(pages, letter)
    return WRITTEN[key]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """The portal's pages, without a portal."""
    return Pages(portal_settings(Path(tmp_path_factory.mktemp("letter"))))


@pytest.mark.parametrize("askew", [0.0, 3.0, -4.0])
async def test_two_cameras_read_the_link_of_a_grey_print_also_when_it_lies_askew(pages: Pages, askew: float) -> None:
    picture = printed(await written(pages, FULL), askew)
    assert zxing_reads(picture) == LINK
    assert opencv_reads(picture) == LINK


@pytest.mark.parametrize("letter", [LETTER, FULL], ids=["ordinary", "full"])
async def test_the_qr_code_is_large_quiet_around_and_on_no_fold(pages: Pages, letter: Letter) -> None:
    pdf = await written(pages, letter)
    left, top, right, bottom = qr_box(pdf)
    assert min(right - left, bottom - top) >= 25
    assert not any(top - 1 < fold < bottom + 1 for fold in FOLDS_MM)
    module = (right - left) / 49  # at most: a code for this link has at least 49 modules
    picture = printed(pdf)
    dots = 150 / 25.4
    box = [(left - 4 * module) * dots, (top - 4 * module) * dots, (right + 4 * module) * dots, (top - module) * dots]
    lightest, darkest = reversed(picture.crop(tuple(round(side) for side in box)).getextrema())
    assert (lightest, darkest) == (255, 255), "nothing stands in the quiet zone above the code"


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("letter", [LETTER, FULL], ids=["ordinary", "full"])
async def test_the_letter_has_its_language_title_headings_lists_and_alternatives(
    pages: Pages, letter: Letter, language: str
) -> None:
    letter = replace(letter, facts=replace(letter.facts, language=language))
    pdf = await written(pages, letter)
    assert catalog(pdf) == {
        "lang": language,
        "marked": "True",
        "shows_title": "True",
        "title": pages.voices[language].t("letter.title"),
        "part": "1",
    }
    found = elements(pdf)
    tags = [tag for tag, _, _ in found]
    assert tags.count("H1") == 2
    assert tags.count("H2") == 5 + 3
    assert tags.index("H1") < tags.index("H2") < tags.index("Figure") < tags.index("L")
    assert {"L", "LI", "Lbl", "LBody"} <= set(tags)
    assert not {"Table", "TR", "TD"} & set(tags), "what is no table is a list"
    assert [alt for tag, alt, _ in found if tag == "Figure"] == [pages.voices[language].t("letter.qr_alt")]


async def test_a_screen_reader_spells_the_code_and_says_names_as_they_were_typed(pages: Pages) -> None:
    name = "فاطمة الزهراء O’Neil <script>"
    pdf = await written(pages, replace(LETTER, typed_name=name))
    said = [text for _, _, text in elements(pdf) if text]
    assert said == [name, FACTS.for_whom, "7 K Q 2. M 9 X D. 4 T B N. W 3 H F. C"]
    real = ShareCode.new(b"0123456789")
    assert ShareCode.parse(". ".join(" ".join(group) for group in real.grouped().split())) == real


@pytest.mark.parametrize("letter", [LETTER, FULL, replace(LETTER, typed_name="")], ids=["plain", "full", "no-name"])
async def test_pdfua_has_no_error_to_report(pages: Pages, tmp_path: Path, letter: Letter) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(await written(pages, letter))
    found = pdfua.validate(str(path)).findings
    assert [one for one in found if one.severity >= pdfua.Severity.ERROR] == []


async def test_the_longest_names_six_hospitals_and_the_studies_stay_on_one_page(pages: Pages) -> None:
    assert len(LONG_WHOM) == 60
    first, second = words_of(await written(pages, FULL))
    assert LONG_WHOM in first
    assert f"{LONG_HOSPITAL} 5" in first
    assert "en 3 andere ziekenhuizen" in first
    assert "en 4 andere onderzoeken" in first
    assert "vernietig hem" in first
    assert second.startswith("Voor u.")


async def test_the_patient_chooses_whether_hospitals_and_studies_are_named(pages: Pages) -> None:
    named, _ = words_of(await written(pages, LETTER))
    assert "Ziekenhuis Noord: 2 onderzoeken, 1 verslag" in named
    assert "CT-scan" not in named
    silent, _ = words_of(await written(pages, replace(LETTER, names_hospitals=False)))
    assert "Noord" not in silent
    assert "3 onderzoeken, 2 verslagen" in silent
    told, _ = words_of(await written(pages, replace(LETTER, names_studies=True)))
    assert "CT-scan van de buik (3 maart 2026)" in told
    assert "CT ABD" not in told, "a hospital's own words are nobody's to print"


async def test_the_letter_never_holds_what_the_hospital_or_the_patient_wrote_for_others(pages: Pages) -> None:
    first, second = words_of(await written(pages, replace(LETTER, names_studies=True)))
    assert FACTS.note not in first + second
    assert "1.2.1" not in first + second
    assert not re.search(r"7 ?K ?Q ?2", second), "the code is on the doctor's sheet alone"
