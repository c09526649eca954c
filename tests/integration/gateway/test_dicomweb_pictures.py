"""Pictures for people: windowed, cut and scaled, and small ones that name nobody."""

from collections.abc import Iterator
from io import BytesIO

import httpx2
import numpy as np
import pytest
from PIL import Image
from tests.hospital import Served, open_hospital
from tests.hospital_images import HEAD_CT, PDF, fill, image, save
from tests.viewing import get, place

LOOK = "1.2.826.0.1.3"
SERIES = f"studies/{LOOK}/series/{LOOK}"


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("noord")
    fill(folder / "files")
    for number in (1, 2, 3):
        save(image(LOOK, 1, number, sample="emri_small_jpeg_2k_lossless.dcm"), folder / "files" / "look")
    colour = image(LOOK, 2, 1, sample="SC_rgb_jpeg_dcmtk.dcm")
    save(colour, folder / "files" / "look")
    named = image(LOOK, 3, 1)
    named.BurnedInAnnotation = "YES"
    save(named, folder / "files" / "look")
    inverse = image(LOOK, 4, 1)
    inverse.PhotometricInterpretation = "MONOCHROME1"
    save(inverse, folder / "files" / "look")
    with open_hospital(folder) as served:
        yield served


def picture(answer: httpx2.Response, kind: str = "JPEG") -> Image.Image:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == f"image/{kind.lower()}"
    shown = Image.open(BytesIO(answer.content))
    assert shown.format == kind
    return shown


def grey(answer: httpx2.Response) -> "np.ndarray":
    return np.asarray(picture(answer, "PNG").convert("L")).astype(int)


@pytest.mark.parametrize("path", [f"{place(LOOK, 1, 1)}/rendered", f"{place(LOOK, 1, 1)}/frames/10/rendered"])
def test_a_compressed_image_becomes_a_picture(noord, path):
    assert picture(get(noord, path, (LOOK,))).size == (64, 64)
    assert picture(get(noord, path, (LOOK,), Accept="image/png"), "PNG").size == (64, 64)


def test_colours_stay_colours(noord):
    shown = picture(get(noord, f"{place(LOOK, 2, 1)}/rendered?accept=image/png", (LOOK,)), "PNG")
    assert (shown.mode, shown.size) == ("RGB", (100, 100))
    assert shown.getpixel((5, 5))[0] > 200


def test_a_window_is_the_one_that_was_asked_for(noord):
    path = f"{place(HEAD_CT, 1, 1)}/rendered?accept=image/png"
    wide, narrow = (grey(get(noord, f"{path}&window=40,{width},linear")) for width in (4000, 80))
    assert narrow.std() > wide.std()
    assert {*np.unique(grey(get(noord, f"{path}&window=40.5,1,linear-exact")))} <= {0, 255}


def test_what_is_white_at_its_lowest_is_turned_round(noord):
    path = "rendered?accept=image/png&window=40,400,linear"
    usual, inverse = (
        grey(get(noord, f"{place(*where)}/{path}", (HEAD_CT, LOOK))) for where in ((HEAD_CT, 1, 1), (LOOK, 4, 1))
    )
    assert np.array_equal(usual, 255 - inverse)


def test_a_viewport_scales_and_cuts(noord):
    path = f"{place(HEAD_CT, 1, 1)}/rendered?accept=image/png"
    assert picture(get(noord, f"{path}&viewport=64,500"), "PNG").size == (64, 64)
    whole, cut = grey(get(noord, path)), grey(get(noord, f"{path}&viewport=32,32,16,8,32,32"))
    assert np.array_equal(cut, whole[8:40, 16:48])
    mirrored = grey(get(noord, f"{path}&viewport=32,32,16,8,-32,32"))
    assert np.array_equal(mirrored, cut[:, ::-1])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("window=40", 400),
        ("window=40,-1,linear", 400),
        ("window=a,b,linear", 400),
        ("window=40,400,cubic", 400),
        ("viewport=0,10", 400),
        ("viewport=99999,99999", 400),
        ("viewport=10,10,0,0,0,0", 400),
        ("quality=101", 400),
        ("accept=image/webp", 406),
    ],
)
def test_wishes_that_are_none(noord, query, status):
    assert get(noord, f"{place(HEAD_CT, 1, 1)}/rendered?{query}").status_code == status


def test_a_report_is_rendered_as_what_it_is(noord):
    answer = get(noord, f"{place(HEAD_CT, 3, 1)}/rendered", Accept="application/pdf")
    assert (answer.headers["content-type"], answer.content) == ("application/pdf", PDF)
    assert get(noord, f"{place(HEAD_CT, 3, 1)}/rendered", Accept="image/jpeg").status_code == 406


@pytest.mark.parametrize(
    "path", [f"studies/{LOOK}", f"{SERIES}.1", place(LOOK, 1, 2), f"{place(LOOK, 1, 2)}/frames/3"]
)
def test_there_is_a_small_picture_at_every_level(noord, path):
    shown = picture(get(noord, f"{path}/thumbnail", (LOOK,)))
    assert shown.size == (128, 128)
    assert np.asarray(shown.convert("L")).std() > 5


@pytest.mark.parametrize(
    "path",
    [f"{SERIES}.3", f"{SERIES}.2", f"studies/{HEAD_CT}/series/{HEAD_CT}.3", f"studies/{HEAD_CT}/series/{HEAD_CT}.4"],
)
def test_where_a_name_may_stand_in_the_picture_there_is_a_plate(noord, path):
    shown = picture(get(noord, f"{path}/thumbnail?viewport=100,100", (LOOK, HEAD_CT)))
    assert np.asarray(shown).std() == 0


def test_a_small_picture_stays_small(noord):
    assert get(noord, f"{SERIES}.1/thumbnail?viewport=2000,2000", (LOOK,)).status_code == 400
