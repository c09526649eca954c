"""A gateway as it runs: it serves decoded frames, and no decoder is mapped into its own memory."""

import re
from pathlib import Path

import httpx2
from tests.gateway_process import program
from tests.hospital_images import image, save
from tests.viewing import place

LOOK = "1.2.826.0.1.3"
DECODERS = re.compile(r"site-packages/(pylibjpeg|_?libjpeg|_?openjpeg|rle|PIL|pillow)\b", re.IGNORECASE)


def test_decoders_run_in_processes_that_serve_nobody(tmp_path: Path):
    save(image(LOOK, 1, 1, sample="emri_small_jpeg_2k_lossless.dcm"), tmp_path / "files")
    with program(tmp_path) as noord:
        token = {"Authorization": f"Bearer {noord.portal.token(noord.settings.base_url, [LOOK])}"}
        for tail in ("frames/3", "rendered"):
            url = f"{noord.settings.base_url}/dicom-web/{place(LOOK, 1, 1)}/{tail}"
            answer = httpx2.get(url, headers=token, timeout=20)
            assert answer.status_code == 200, answer.text
        children = Path(f"/proc/{noord.pid}/task/{noord.pid}/children").read_text().split()
        mapped = {pid: set(DECODERS.findall(Path(f"/proc/{pid}/maps").read_text())) for pid in [*children, noord.pid]}
    assert mapped.pop(noord.pid) == set()
    assert any({"openjpeg", "PIL"} & found for found in mapped.values())
