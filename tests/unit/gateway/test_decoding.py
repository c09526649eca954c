"""Decoding: elsewhere, within limits, and whatever a file does there, the next job is done."""

import asyncio
import json
import subprocess
import sys
from io import BytesIO

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from tests.hospital_images import HEAD_CT, image

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.gateway.decoding.pool import Decoders

CODECS = {"pylibjpeg", "libjpeg", "openjpeg", "rle", "PIL", "pylibjpeg_libjpeg", "pylibjpeg_openjpeg"}
PICTURE = {"media_type": "image/png", "quality": 90, "window": None, "viewport": None, "thumbnail": False}


def saved(dataset: pydicom.FileDataset) -> bytes:
    output = BytesIO()
    dataset.save_as(output, enforce_file_format=True)
    return output.getvalue()


def jpeg2000(codestream: bytes, rows: int = 128, columns: int = 128) -> bytes:
    dataset = image(HEAD_CT, 1, 1)
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.90"
    dataset.Rows, dataset.Columns = rows, columns
    dataset.PixelData = encapsulate([codestream])
    dataset["PixelData"].is_undefined_length = True
    return saved(dataset)


def codestream() -> bytearray:
    dataset = pydicom.dcmread(str(get_testdata_file("emri_small_jpeg_2k_lossless.dcm", download=False)))
    return bytearray(next(pydicom.encaps.generate_frames(dataset.PixelData, number_of_frames=10)))


def enormous() -> bytes:
    """A few bytes that say they are four billion pixels."""
    stream = codestream()
    at = stream.index(b"\xff\x51") + 6
    for place in (at, at + 4, at + 16, at + 20):
        stream[place : place + 4] = (65_000).to_bytes(4)
    return bytes(stream)


BOMBS = {
    "a codestream that says it is enormous": jpeg2000(enormous()),
    "a header that says it is enormous": jpeg2000(bytes(codestream()), rows=65_535, columns=65_535),
    "a codestream that stops": jpeg2000(bytes(codestream()[:200])),
    "no codestream at all": jpeg2000(b"\0" * 64),
    "no DICOM at all": b"\0" * 4096,
    "nothing": b"",
}


def test_the_program_that_serves_loads_no_codec():
    probe = (
        "import sys, json\nfrom beeldpas import cli\nsys.argv = ['beeldpas', 'gateway', '--help']\n"
        "try: cli.main()\nexcept SystemExit: pass\n"
        "import beeldpas.gateway.app\nprint(json.dumps([name for name, module in sys.modules.items() if module]))"
    )
    told = subprocess.run([sys.executable, "-c", probe], capture_output=True, check=True).stdout
    loaded = {name.partition(".")[0] for name in json.loads(told.splitlines()[-1])}
    assert {"beeldpas", "pydicom"} <= loaded
    assert CODECS & loaded == set()


async def test_a_bomb_is_an_error_and_the_next_job_is_done():
    decoders = Decoders(1)
    good = saved(image(HEAD_CT, 1, 1, sample="MR_small_implicit.dcm"))
    try:
        for bomb in BOMBS.values():
            with pytest.raises(Malformed, match="not_decodable"):
                await decoders.run("transcode", [bomb])
            made = pydicom.dcmread(BytesIO(await decoders.run("transcode", [good])))
            assert np.array_equal(made.pixel_array, pydicom.dcmread(BytesIO(good)).pixel_array)
    finally:
        await decoders.close()


async def test_unknown_jobs_and_parameters_are_errors():
    decoders = Decoders(1)
    try:
        for job, parameters in (("format_disk", {}), ("render", {"head": 10}), ("bulk", {"path": ["x"]})):
            with pytest.raises(Malformed, match="not_decodable"):
                await decoders.run(job, [b"x"], **parameters)
    finally:
        await decoders.close()


@pytest.mark.parametrize(
    "program",
    [
        "import time; time.sleep(60)",
        "import os; os._exit(3)",
        "import sys; sys.stdout.write('x' * 100)",
        "x = [1] * 10**12",
    ],
    ids=["one that hangs", "one that ends", "one that babbles", "one that wants everything"],
)
async def test_a_process_that_does_no_work_is_replaced(program):
    decoders = Decoders(1, ("-c", program), seconds=1)
    for _ in range(2):
        with pytest.raises(Malformed, match="not_decodable"):
            await decoders.run("transcode", [b"x" * 100])
    await decoders.close()


def test_it_holds_itself_to_its_limits():
    probe = (
        "from beeldpas.gateway.decoding import limits; limits.confine(); limits.allow_one_job()\n"
        "import resource, tempfile\n"
        "assert resource.getrlimit(resource.RLIMIT_CPU)[0] <= limits.CPU_SECONDS + 5\n"
        "try: bytearray(limits.MEMORY_BYTES)\n"
        "except MemoryError: print('memory')\n"
        "try: tempfile.TemporaryFile(buffering=0).write(b'x')\n"
        "except OSError: print('files')\n"
    )
    told = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["memory", "files"]


async def test_only_so_many_wait():
    decoders = Decoders(1, ("-c", "import time; time.sleep(60)"), seconds=2)
    jobs = [asyncio.create_task(decoders.run("transcode", [b"x"])) for _ in range(64)]
    await asyncio.sleep(0)
    with pytest.raises(Refused, match="too_many_requests"):
        await decoders.run("transcode", [b"x"])
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
    await decoders.close()
