"""README.TXT: what a download is, who gave it, what is in it and what the DICOMDIR cannot list.

ASCII with CR LF, in the receiver's language; it names no patient. *Source:* IHE PDI (README.TXT).
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from beeldpas.formats.dicom import dicom_date
from beeldpas.gateway.change_words import Section
from beeldpas.gateway.holdings import HeldStudy

SOFTWARE = f"beeldpas {version('beeldpas')}"

_WORDS: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "title": "Medische beelden van {hospital}",
        "contact": "Vragen over deze beelden: {hospital}, telefoon {phone}",
        "made": "Gemaakt met {software}",
        "content": "Inhoud",
        "dicomdir": "DICOMDIR       inhoudsopgave voor programma's die DICOM lezen",
        "dicom": "DICOM          de beelden, ongewijzigd zoals het ziekenhuis ze bewaart",
        "reports": "REPORTS        verslagen om te lezen (PDF of HTML)",
        "index": "INDEX.HTM      lijst om te lezen in een browser: van wie, welke onderzoeken, hoe inlezen",
        "manifest": "MANIFEST.JSN   lijst van alle bestanden met SHA-256, ondertekend door het ziekenhuis",
        "study": "{place}  {date}  {modalities}  {count} bestanden",
        "unlisted": (
            "Niet in DICOMDIR, omdat het ziekenhuis verplichte gegevens niet heeft vastgelegd.\r\n"
            "Open deze beelden vanuit de map:"
        ),
        "lacks": "{place}  ontbreekt: {missing}",
        "disclaimer": (
            "Deze beelden zijn bedoeld voor de zorgverlener met wie de patient ze deelt.\r\n"
            "De eerste 128 bytes van elk beeldbestand{but} zijn om veiligheidsredenen op nul gezet;\r\n"
            "beeld en gegevens zijn niet veranderd. Beoordeel beelden alleen met een programma dat\r\n"
            "daarvoor is goedgekeurd. Bewaar ze niet langer dan nodig."
        ),
        "but_tiff": " dat niet ook een TIFF-bestand is",
        "undated": "zonder datum",
    },
    "en": {
        "title": "Medical images from {hospital}",
        "contact": "Questions about these images: {hospital}, telephone {phone}",
        "made": "Made with {software}",
        "content": "Contents",
        "dicomdir": "DICOMDIR       table of contents for programs that read DICOM",
        "dicom": "DICOM          the images, unchanged as the hospital keeps them",
        "reports": "REPORTS        reports to read (PDF or HTML)",
        "index": "INDEX.HTM      list to read in a browser: whose, which examinations, how to import",
        "manifest": "MANIFEST.JSN   list of all files with SHA-256, signed by the hospital",
        "study": "{place}  {date}  {modalities}  {count} files",
        "unlisted": (
            "Not in the DICOMDIR, because the hospital did not record required information.\r\n"
            "Open these images from the folder:"
        ),
        "lacks": "{place}  lacks: {missing}",
        "disclaimer": (
            "These images are meant for the care provider with whom the patient shares them.\r\n"
            "The first 128 bytes of each image file{but} were set to zero for safety;\r\n"
            "image and information are unchanged. Judge images only with a program that is\r\n"
            "approved for it. Do not keep them longer than needed."
        ),
        "but_tiff": " that is not a TIFF file too",
        "undated": "no date",
    },
}


@dataclass(frozen=True, slots=True)
class Giver:
    """The hospital that gives the images."""

    gateway_id: str
    base_url: str
    hospital: str
    phone: str


def readme(
    giver: Giver, studies: Sequence[tuple[str, HeldStudy]], language: str, changed: Sequence[Section] = ()
) -> bytes:
    """Write the file for studies by their folder ("DICOM/ST000001"); `changed` comes before what is in it."""
    words = _WORDS.get(language, _WORDS["en"])
    lines = "\r\n".join(_lines(giver, studies, words, changed)) + "\r\n"
    return _ascii(lines)


def _lines(
    giver: Giver, studies: Sequence[tuple[str, HeldStudy]], words: Mapping[str, str], changed: Sequence[Section]
) -> Iterator[str]:
    title = words["title"].format(hospital=giver.hospital)
    yield from (title, "=" * len(title), "")
    yield words["contact"].format(hospital=giver.hospital, phone=giver.phone)
    yield from (words["made"].format(software=SOFTWARE), "")
    for section in changed:
        yield from (section.title, "-" * len(section.title), *section.lines, "")
    yield from (words["content"], "-" * len(words["content"]))
    yield from (words["dicomdir"], words["dicom"])
    if any(instance.report for _, study in studies for instance in study.instances):
        yield words["reports"]
    yield from (words["index"], words["manifest"], "")
    yield from (_study(place, study, words) for place, study in studies)
    unlisted = [(place, study) for place, study in studies if study.missing]
    if unlisted:
        yield from ("", words["unlisted"])
        yield from (words["lacks"].format(place=place, missing=", ".join(study.missing)) for place, study in unlisted)
    keeps = any(not instance.file.is_dicom for _, study in studies for instance in study.instances)
    yield from ("", words["disclaimer"].format(but=words["but_tiff"] if keeps else ""))


def _study(place: str, study: HeldStudy, words: Mapping[str, str]) -> str:
    date = dicom_date(study.study_date)
    modalities = ", ".join(sorted({series.modality or "?" for series in study.series}))
    return words["study"].format(
        place=place,
        date=date.isoformat() if date else words["undated"],
        modalities=modalities,
        count=len(study.instances),
    )


def _ascii(text: str) -> bytes:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if not unicodedata.combining(char)).encode("ascii", "replace")
