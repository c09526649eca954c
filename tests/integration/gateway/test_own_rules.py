"""A hospital forbids things of its own: what it does not give out is as if it were not there, and it says so."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import HEAD_CT, KNEE_MR

from beeldpas.domain.errors import Malformed
from beeldpas.gateway.own_rules import OwnRules

NO_MR = """
// MR images go to care providers who signed in, and to nobody else.
@id("mr-only-when-verified")
@refusal("hospital_forbids")
forbid (
  principal is Receiver,
  action == Action::"serve_study",
  resource is Study
)
when { resource.modalities.contains("MR") }
unless { principal.kind == "verified" };
"""
STRANGER = {"kind": "self-declared", "name": "J. Jansen", "organisation": "Praktijk Zuid", "ura": None}
DOCTOR = {"kind": "verified", "name": "E. Dekker", "organisation": "Kliniek De Linde", "ura": "00001111"}


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("noord")
    (folder / "rules").mkdir()
    (folder / "rules" / "mr.cedar").write_text(NO_MR)
    with open_hospital(folder, policies_dir=folder / "rules") as served:
        yield served


def images(archive: bytes) -> int:
    return len([name for name in ZipFile(BytesIO(archive)).namelist() if name.startswith("DICOM/")])


def test_who_may_have_everything_gets_everything(noord):
    path, lease = noord.lease([HEAD_CT, KNEE_MR], index=1, receiver=DOCTOR)
    whole = noord.client.get(path, headers=lease).content
    path, lease = noord.lease([HEAD_CT], index=2, receiver=DOCTOR)
    assert images(whole) > images(noord.client.get(path, headers=lease).content)
    assert b"niet geeft" not in ZipFile(BytesIO(whole)).read("README.TXT")


def test_what_is_forbidden_is_left_out_and_the_download_says_how_many(noord):
    path, lease = noord.lease([HEAD_CT, KNEE_MR], index=3, receiver=STRANGER)
    part = noord.client.get(path, headers=lease).content
    path, lease = noord.lease([HEAD_CT], index=2, receiver=DOCTOR)
    assert images(part) == images(noord.client.get(path, headers=lease).content)
    assert b"volgens eigen regels niet aan u geeft: 1" in ZipFile(BytesIO(part)).read("README.TXT")
    assert b"volgens eigen regels niet aan u geeft: 1" in ZipFile(BytesIO(part)).read("INDEX.HTM")
    wait_until(lambda: any(event["grant"] == "grant-3" for event in noord.portal.told))
    told = [event["studies"] for event in noord.portal.told if event["grant"] == "grant-3"]
    assert told[0] == [HEAD_CT]


def test_where_nothing_is_left_a_person_reads_why_and_the_log_names_it(noord):
    code = noord.portal.code(noord.url, [KNEE_MR], index=4, receiver=STRANGER)
    answer = noord.start(code, Accept="text/html")
    assert answer.status_code == 403
    assert "geeft deze beelden niet" in answer.text
    (row,) = [row for row in noord.log() if row.get("grant") == "grant-4"]
    assert (row["kind"], row["outcome"], row["reason"]) == ("exchange_code", "refused", "hospital_forbids")


def test_a_viewer_finds_what_is_forbidden_no_more_than_what_does_not_exist(noord):
    token = noord.token([HEAD_CT, KNEE_MR], index=5, receiver=STRANGER)
    found = noord.client.get("/dicom-web/studies", headers=token).json()
    assert [study["0020000D"]["Value"][0] for study in found] == [HEAD_CT]
    forbidden = noord.client.get(f"/dicom-web/studies/{KNEE_MR}/metadata", headers=token)
    absent = noord.client.get("/dicom-web/studies/1.2.3/metadata", headers=token)
    assert (forbidden.status_code, forbidden.content) == (absent.status_code, absent.content)
    nothing = noord.client.get(f"/dicom-web/studies/{KNEE_MR}", headers=noord.token([KNEE_MR], receiver=STRANGER))
    assert nothing.status_code == 403


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (NO_MR.replace("forbid (", "permit ("), "only forbid"),
        (NO_MR.replace("modalities", "colour"), "colour"),
        (NO_MR.replace('@id("mr-only-when-verified")', '@id("grant-opens-study")'), "@id of its own"),
        ("forbid (principal, action", "policies"),
    ],
    ids=["a permit", "outside the schema", "a name that is taken", "broken"],
)
def test_a_gateway_does_not_start_with_rules_that_are_not_in_order(tmp_path: Path, rule: str, said: str) -> None:
    (tmp_path / "rule.cedar").write_text(rule)
    with pytest.raises(Malformed) as refused:
        OwnRules(tmp_path)
    assert said in str(refused.value) + str(refused.value.detail)
