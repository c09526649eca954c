"""DICOMweb retrieve: what was granted, exactly as it is stored, and one answer for everything else."""

import json
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO

import httpx2
import pydicom
import pytest
from dicomweb_client.api import DICOMwebClient
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR

from beeldpas.formats.multipart import take_apart
from beeldpas.formats.statuslist import TokenStatus

FIRST, SECOND = (f"{HEAD_CT}/series/{HEAD_CT}.{number}" for number in (1, 2))
VIEWER = "http://portal.localhost:8000"


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_hospital(tmp_path_factory.mktemp("noord"), viewer_origin=VIEWER) as served:
        yield served


def get(noord: Served, path: str, granted: tuple[str, ...] = (HEAD_CT,), **headers: str) -> httpx2.Response:
    return noord.client.get(f"/dicom-web/studies/{path}", headers={**noord.token(list(granted)), **headers})


def parts(answer: httpx2.Response) -> list[tuple[dict[str, str], bytes]]:
    return take_apart(answer.content, answer.headers["content-type"].partition("boundary=")[2])


@pytest.mark.parametrize(
    ("path", "count"),
    [
        (HEAD_CT, 9),
        (f"{HEAD_CT}/series/{HEAD_CT}.1", 5),
        (f"{HEAD_CT}/series/{HEAD_CT}.1/instances/{HEAD_CT}.1.2", 1),
    ],
    ids=["study", "series", "instance"],
)
def test_what_is_granted_comes_part_by_part(noord, path, count):
    answer = get(noord, path, Accept='multipart/related; type="application/dicom"; transfer-syntax=*')
    assert answer.headers["content-type"].startswith('multipart/related; type="application/dicom"; boundary=')
    assert int(answer.headers["content-length"]) == len(answer.content)
    found = parts(answer)
    assert len(found) == count
    for fields, content in found:
        header = pydicom.dcmread(BytesIO(content), stop_before_pixels=True)
        assert fields["content-type"] == f"application/dicom; transfer-syntax={header.file_meta.TransferSyntaxUID}"
        assert fields["content-location"].endswith(f"/instances/{header.SOPInstanceUID}")
        assert content[:128] == bytes(128)


def test_one_instance_can_come_bare(noord):
    path = f"{HEAD_CT}/series/{HEAD_CT}.1/instances/{HEAD_CT}.1.2"
    answer = get(noord, path, Accept="application/dicom")
    source = next((noord.portal.folder / "files").rglob(f"{HEAD_CT}.1.2.dcm")).read_bytes()
    assert answer.headers["content-type"] == "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"
    assert sha256(answer.content).digest() == sha256(bytes(128) + source[128:]).digest()


@pytest.mark.parametrize(
    ("path", "count"),
    [
        (HEAD_CT, 9),
        (f"{HEAD_CT}/series/{HEAD_CT}.2", 2),
        (f"{HEAD_CT}/series/{HEAD_CT}.2/instances/{HEAD_CT}.2.1", 1),
    ],
)
def test_metadata_is_an_array_without_pixels(noord, path, count):
    answer = get(noord, f"{path}/metadata", Accept="application/dicom+json, multipart/related; type=x/y")
    assert answer.headers["content-type"] == "application/dicom+json"
    models = json.loads(answer.text)
    assert len(models) == count
    assert all(model["0020000D"]["Value"] == [HEAD_CT] for model in models)
    for model in models:
        assert "InlineBinary" not in model.get("7FE00010", {})


def test_a_client_that_is_not_ours_reads_it(noord):
    session = DICOMwebClient(f"{noord.url}/dicom-web", headers=noord.token([HEAD_CT]))
    images = session.retrieve_series(HEAD_CT, f"{HEAD_CT}.1", media_types=(("application/dicom", "*"),))
    assert [image.InstanceNumber for image in images] == [1, 2, 3, 4, 5]
    assert len(session.retrieve_study_metadata(HEAD_CT)) == 9
    one = session.retrieve_instance(
        HEAD_CT, f"{HEAD_CT}.1", f"{HEAD_CT}.1.3", media_types=(("application/dicom", "*"),)
    )
    assert one.InstanceNumber == 3


FOREIGN = {
    "study outside the grant": KNEE_MR,
    "study of somebody else": BRAMS_CT,
    "study that does not exist": "1.2.3.4.5",
    "series of another study": f"{HEAD_CT}/series/{KNEE_MR}.1",
    "series that does not exist": f"{HEAD_CT}/series/1.2.3",
    "instance of another series": f"{HEAD_CT}/series/{HEAD_CT}.1/instances/{HEAD_CT}.2.1",
    "UID with a trailing dot": f"{HEAD_CT}.",
    "UID with a NUL": f"{HEAD_CT}%00",
    "UID with a leading zero": f"0{HEAD_CT}",
    "a path that climbs": f"{HEAD_CT}/series/..%2F..%2F{KNEE_MR}",
    "a path that climbs in the open": f"../studies/{BRAMS_CT}",
    "two UIDs": f"{HEAD_CT},{BRAMS_CT}",
    "two UIDs, as some viewers join them": f"{HEAD_CT}%5C{BRAMS_CT}",
    "a wildcard": "*",
}


@pytest.mark.parametrize("path", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("tail", ["", "/metadata"])
def test_what_is_not_granted_is_as_if_it_were_not_there(noord, path, tail):
    nothing = get(noord, "1.2.3.4.5.6")
    answer = get(noord, path + tail)
    assert (answer.status_code, answer.content) == (404, nothing.content)


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://west.example"},
        {"exp": 1},
        {"details_basis": "emergency"},
        {"details_studies": [f"{HEAD_CT}."]},
    ],
    ids=["token for another gateway", "expired", "unknown basis", "UID with a trailing dot"],
)
def test_a_bad_token_is_401_for_every_path(noord, changed):
    for path in (HEAD_CT, f"{HEAD_CT}/metadata", "1.2.3"):
        answer = noord.client.get(f"/dicom-web/studies/{path}", headers=noord.token([HEAD_CT], **changed))
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')


@pytest.mark.parametrize("header", [None, "Basic eDp5", "Bearer", "Bearer x", "bearer ."])
def test_no_token_is_401(noord, header):
    headers = {"Authorization": header} if header else {}
    assert noord.client.get(f"/dicom-web/studies/{HEAD_CT}", headers=headers).status_code == 401


def test_a_revoked_token_is_401(noord):
    noord.portal.states[30] = TokenStatus.INVALID
    wait_until(lambda: noord.house.statuses.state((noord.house.statuses.uris[0], 30)) == "revoked")
    answer = noord.client.get(f"/dicom-web/studies/{HEAD_CT}", headers=noord.token([HEAD_CT], index=30))
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        (HEAD_CT, "image/jpeg"),
        (HEAD_CT, "application/dicom"),
        (HEAD_CT, 'multipart/related; type="application/octet-stream"'),
        (HEAD_CT, 'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.4.50'),
        (f"{HEAD_CT}/metadata", "text/html"),
    ],
)
def test_what_cannot_be_given_is_not_acceptable(noord, path, accept):
    assert get(noord, path, Accept=accept).status_code == 406


@pytest.mark.parametrize("accept", ["*/*", "multipart/related", "multipart/*;q=0.5, text/html;q=0.1"])
def test_lenient_clients_get_parts(noord, accept):
    assert get(noord, HEAD_CT, Accept=accept).headers["content-type"].startswith("multipart/related")


def test_only_the_viewers_pages_may_read_answers(noord):
    url = f"/dicom-web/studies/{HEAD_CT}/metadata"
    ask = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization,accept"}
    allowed = noord.client.options(url, headers={"Origin": VIEWER, **ask})
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, VIEWER)
    assert "access-control-allow-credentials" not in allowed.headers
    refused = noord.client.options(url, headers={"Origin": "https://evil.example", **ask})
    assert "access-control-allow-origin" not in refused.headers
    assert get(noord, f"{HEAD_CT}/metadata", Origin=VIEWER).headers["access-control-allow-origin"] == VIEWER


def test_what_is_retrieved_of_a_study_within_a_minute_is_one_event(noord):
    token = noord.token([HEAD_CT], index=31)
    answers = [noord.client.get(f"/dicom-web/studies/{HEAD_CT}", headers=token) for _ in range(3)]
    assert [row for row in noord.log() if row.get("grant") == "grant-31"] == []  # told when it is over
    noord.clock.pass_by(seconds=11)
    wait_until(lambda: any(one["grant"] == "grant-31" for one in noord.portal.told))
    (event,) = [one for one in noord.portal.told if one["grant"] == "grant-31"]
    assert (event["kind"], event["phase"], event["outcome"]) == ("retrieve", "ended", "completed")
    assert (event["bytes"], event["studies"]) == (sum(len(answer.content) for answer in answers), [HEAD_CT])
    (row,) = [row for row in noord.log() if row["event_id"] == event["event_id"]]
    assert (row["kind"], row["bytes"]) == ("retrieve", event["bytes"])
