"""Preambles: emptied, since a program can stand there; kept where wanted, when the file is a TIFF as well."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from PIL import Image
from tests.cast import ANNA
from tests.dual_tiff import dual, saved
from tests.hospital import Served, ingest, serving, settings
from tests.hospital_images import HEAD_CT, crosswalk_csv, image
from tests.hospital_portal import portal

from beeldpas.demo.processes import free_ports

SLIDE, PROGRAM = dual(HEAD_CT, 1), image(HEAD_CT, 1, 2)
PROGRAM.preamble = b"MZ\x90\x00".ljust(128, b"\x90")
FILES = {"slide.dcm": saved(SLIDE), "program.dcm": saved(PROGRAM)}
EMPTY = bytes(128)


def served(noord: Served) -> list[bytes]:
    """The two files as a receiver gets them in a ZIP."""
    path, lease = noord.lease([HEAD_CT])
    with ZipFile(BytesIO(noord.client.get(path, headers=lease).content)) as archive:
        assert archive.testzip() is None
        told = b"dat niet ook een TIFF-bestand is" in archive.read("README.TXT")
        assert told == noord.house.settings.keep_tiff_preambles
        return [archive.read(f"DICOM/ST000001/SE000001/IM00000{number}") for number in (1, 2)]


@pytest.mark.parametrize("where", ["loose in the store", "from a folder, in packs"])
@pytest.mark.parametrize("kept", [False, True])
def test_only_a_tiff_keeps_its_preamble_and_only_where_the_hospital_wants_it(tmp_path, where, kept):
    loose = where.startswith("loose")
    source = tmp_path / ("files" if loose else "incoming")
    source.mkdir()
    for name, content in FILES.items():
        (source / name).write_bytes(content)
    with portal(tmp_path) as trusted:
        found = settings(tmp_path, trusted, free_ports(1)[0], keep_tiff_preambles=kept)
        found.state_dir.mkdir()
        (tmp_path / "files").mkdir(exist_ok=True)
        crosswalk_csv(found.state_dir / "crosswalk.csv", people=(ANNA,))
        ingest(found, None if loose else source)
        with serving(found, trusted) as noord:
            slide, program = served(noord)
    assert program == EMPTY + FILES["program.dcm"][128:]
    assert slide == (FILES["slide.dcm"] if kept else EMPTY + FILES["slide.dcm"][128:])
    if kept:
        assert Image.open(BytesIO(slide)).format == "TIFF"
