"""A report as a page of the hospital: as it was written, and one answer for all that is not to be read."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR, PDF, image, save, structured_report

from beeldpas.domain.report_name import report_name

GRANT = "grant-5"
PDF_REPORT, SR = f"{HEAD_CT}.3.1", f"{HEAD_CT}.4.1"
BACK = "/en/studies/0123456789abcdef0123"


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_hospital(tmp_path_factory.mktemp("noord")) as served:
        yield served


def start(noord: Served, sop_uid: str, back: str = "", studies: tuple[str, ...] = (HEAD_CT, KNEE_MR), **changed):
    """Come from the portal with a code for one report: the answer, and the lease as a header."""
    code = noord.portal.code(noord.url, [*studies], index=5, **changed)
    asked = {"code": code, "iss": noord.portal.base_url, "report": report_name(GRANT, sop_uid), "back": back}
    answer = noord.client.get("/download", params=asked)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"], {
        "Beeldpas-Lease": answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
    }


def read(noord: Served, sop_uid: str, back: str = "", **changed) -> httpx2.Response:
    path, lease = start(noord, sop_uid, back, **changed)
    return noord.client.get(path, headers=lease | {"Accept": "text/html"})


def test_a_structured_report_stands_as_it_was_written_below_the_line_that_it_is_for_a_doctor(noord):
    answer = read(noord, SR, details_basis="own")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    above, _, written = answer.text.partition("</header>")
    assert "Dit verslag is geschreven voor uw arts." in above
    assert "Diameter:" in written
    assert "<script" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"


def test_no_uid_and_no_token_stands_in_an_address(noord):
    path, lease = start(noord, PDF_REPORT, BACK)
    assert re.fullmatch(r"/leases/[0-9a-f]{16}/reports/[0-9a-f]{20}\?back=%2Fen%2Fstudies%2F[0-9a-f]{20}", path)
    assert HEAD_CT not in path and lease["Beeldpas-Lease"] not in path


def test_a_pdf_is_led_to_and_given_whole(noord):
    path, lease = start(noord, PDF_REPORT, BACK, language="en")
    page = noord.client.get(path, headers=lease)
    assert f'href="{noord.portal.base_url}{BACK}"' in page.text
    assert "Open the report (PDF)" in page.text
    (address,) = re.findall(r'class="open" href="([^"]+)"', page.text)
    document = noord.client.get(address, headers=lease)
    assert (document.content, document.headers["content-type"]) == (PDF, "application/pdf")
    assert document.headers["content-disposition"] == "inline"


def test_what_is_foreign_withheld_or_never_was_gets_one_and_the_same_answer(noord):
    asked = (f"{BRAMS_CT}.1.1", "1.2.3", PDF_REPORT)
    granted = ((HEAD_CT,), (HEAD_CT,), (KNEE_MR,))
    answers = [read(noord, uid, studies=studies) for uid, studies in zip(asked, granted, strict=True)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert "Wij kunnen dit verslag niet vinden" in answers[0].text


def test_another_grants_name_of_the_report_is_no_name_here(noord):
    path, lease = start(noord, PDF_REPORT)
    elsewhere = path.rpartition("/")[0] + "/" + report_name("grant-6", PDF_REPORT)
    assert noord.client.get(elsewhere, headers=lease).status_code == 404


def test_without_the_lease_nothing_is_read(noord):
    path, _ = start(noord, PDF_REPORT)
    assert noord.client.get(path).status_code == 404
    assert noord.client.get(path, headers={"Beeldpas-Lease": "made-up"}).status_code == 404


@pytest.mark.parametrize("name", ["..", "0" * 19, "0" * 21, "<script>", "DEADBEEFDEADBEEFDEAD"])
def test_a_name_that_is_none_spends_no_code(noord, name):
    code = noord.portal.code(noord.url, [HEAD_CT])
    asked = {"code": code, "iss": noord.portal.base_url, "report": name}
    assert noord.client.get("/download", params=asked).status_code == 404
    assert code in noord.portal.codes


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "/log", "javascript:alert(1)"])
def test_the_way_back_leads_to_the_portals_own_pages_only(noord, back):
    assert "elsewhere" not in (text := read(noord, PDF_REPORT, back).text) and "javascript" not in text
    assert "Terug" not in text


def test_reading_is_written_down_and_told_as_a_use_of_that_one_study(noord):
    told = len(noord.portal.told)
    read(noord, PDF_REPORT)
    noord.clock.pass_by(seconds=61)
    wait_until(lambda: len(noord.portal.told) > told)
    uses = [event for event in noord.portal.told[told:] if event["kind"] == "retrieve"]
    assert [HEAD_CT] in [use["studies"] for use in uses]


def test_hostile_words_in_a_report_are_words(tmp_path):
    report = structured_report(KNEE_MR, 2)
    report.SpecificCharacterSet = "ISO_IR 192"
    report.InstitutionName = "O'Neil <script>alert(1)</script> \u0627\u0644\u0639\u0631\u0628\u064a\u0629"
    for dataset in (image(KNEE_MR, 1, 1), report):
        save(dataset, tmp_path / "files")
    with open_hospital(tmp_path) as noord:
        text = read(noord, str(report.SOPInstanceUID), studies=(KNEE_MR,)).text
    assert "<script" not in text
    assert "&lt;script&gt;" in text and "O&#x27;Neil" in text and "\u0627\u0644\u0639\u0631\u0628\u064a\u0629" in text
