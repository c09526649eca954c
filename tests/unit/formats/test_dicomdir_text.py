"""Names and descriptions stand in a DICOMDIR byte for byte as in the image, in whatever character set."""

from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import FileDataset
from tests.hospital_images import HEAD_CT, image, pdf_report

from beeldpas.formats.dicom import read_header
from beeldpas.formats.directory_record import Records, encode_records

KANJI = b"\x1b$B;3ED\x1b(B"
NAMES = {
    "nobody said which": (None, b"Jans\xe9n^Anna1", b"R\xf6ntgen thorax 1"),
    "Latin 1": ("ISO_IR 100", b"Jans\xe9n^Anna1", b"R\xf6ntgen thorax 1"),
    "UTF-8": ("ISO_IR 192", "Jansén^Ånna".encode(), "Röntgen thorax 1".encode()),
    "Chinese": ("GB18030", "Wang^XiaoDong=王^小东1".encode("gb18030"), "王小东12".encode("gb18030")),
    "Japanese": (["", "ISO 2022 IR 87"], b"Yamada^Tarou=" + KANJI + b"^" + KANJI + b"1", KANJI + b" thor"),
    "katakana and kanji": (
        ["ISO 2022 IR 13", "ISO 2022 IR 87"],
        b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=" + KANJI.replace(b"(B", b"(J") + b"12",
        b"\xd4\xcf\xc0\xde 12",
    ),
    "Korean": (["", "ISO 2022 IR 149"], b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce", b"\x1b$)C\xfb\xf3 x12"),
    "Latin and Greek": (["ISO 2022 IR 100", "ISO 2022 IR 126"], b"B^J\xe9r=\x1b-F\xc4\xe9", b"\x1b-F\xc4\xe9\xef12"),
    "Latin that says it is UTF-8": ("ISO_IR 192", b"Jans\xe9n^Anna", b"R\xf6ntgen \xff\xfe thorax 1"),
    "a character set nobody knows": ("ISO_IR 999", b"Jans\xe9n^Anna1", b"R\xf6ntgen thorax 1"),
    "broken Japanese": (["", "ISO 2022 IR 87"], b"Yamada^T\xff\xfeou12", b"\x1b$B;3\xff\x1b(B th12"),
}  # fmt: skip


def encoded(dataset: FileDataset, name: bytes, description: bytes) -> tuple[FileDataset, Records]:
    """Write a file with these very bytes, and read it as a hospital's."""
    dataset.PatientName, dataset.StudyDescription = "N" * len(name), "D" * len(description)
    if "DocumentTitle" in dataset:
        dataset.DocumentTitle = "T" * len(description)
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    content = buffer.getvalue().replace(b"N" * len(name), name).replace(b"D" * len(description), description)
    file = BytesIO(content.replace(b"T" * len(description), description))
    header = read_header(file, len(content))
    return header, encode_records(header, file)


@pytest.mark.filterwarnings("ignore:Unknown encoding")
@pytest.mark.parametrize("case", NAMES)
@pytest.mark.parametrize("sample", ["CT_small.dcm", "MR_small_implicit.dcm"])
def test_it_stands_there_as_in_the_file(case, sample):
    character_set, name, description = NAMES[case]
    dataset = image(HEAD_CT, 1, 1, sample=sample)
    dataset.pop(0x00080005, None)
    if character_set is not None:
        dataset.SpecificCharacterSet = character_set
    header, records = encoded(dataset, name, description)
    assert records.missing == ()
    assert name in records.patient and description in records.study
    said = header.get("SpecificCharacterSet")
    for record in (records.patient, records.study, records.series, records.leaf):
        item = pydicom.dcmread(BytesIO(bytes(128) + b"DICM" + record[8:]), force=True)
        assert item.get("SpecificCharacterSet") == said


def test_the_title_of_a_document_too():
    _, name, description = NAMES["Latin that says it is UTF-8"]
    document = pdf_report(HEAD_CT, 3)
    document.SpecificCharacterSet = "ISO_IR 192"
    assert description in encoded(document, name, description)[1].leaf
