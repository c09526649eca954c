"""Searching: a provider finds what the patient gave, in the words that viewers use, and never anything else."""

import json
from collections.abc import Iterator

import pytest
from dicomweb_client.api import DICOMwebClient
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR
from tests.viewing import get

BOTH = (HEAD_CT, KNEE_MR)


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_hospital(tmp_path_factory.mktemp("noord")) as served:
        yield served


def found(noord: Served, path: str, tag: str = "0020000D", granted: tuple[str, ...] = BOTH) -> list[str]:
    answer = get(noord, path, granted)
    if answer.status_code == 204:
        assert answer.content == b""
        return []
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/dicom+json"), answer.text
    return sorted(entry[tag]["Value"][0] for entry in json.loads(answer.text))


def test_a_study_says_all_that_the_standard_wants(noord):
    (study,) = json.loads(get(noord, "studies", (HEAD_CT,)).text)
    assert list(study) == sorted(study)
    assert study["00081190"] == {"vr": "UR", "Value": [f"{noord.url}/dicom-web/studies/{HEAD_CT}"]}
    assert study["00080061"]["Value"] == ["CT", "DOC", "SR"]
    assert (study["00201206"]["Value"], study["00201208"]["Value"]) == ([4], [9])
    assert study["00080056"]["Value"] == ["ONLINE"]
    assert study["00100010"]["Value"] == [{"Alphabetic": "Jansen^Anna"}]
    assert {"00080020", "00080030", "00080050", "00080090", "00100020", "00100030", "00100040", "00200010"} <= {
        *study
    }
    assert not {"00080060", "00080018", "00280010"} & {*study}


def test_a_series_and_an_instance_say_theirs(noord):
    series = json.loads(get(noord, f"studies/{HEAD_CT}/series").text)
    assert [(one["00080060"]["Value"], one["00201209"]["Value"]) for one in series] == [
        (["CT"], [5]), (["CT"], [2]), (["DOC"], [1]), (["SR"], [1]),
    ]  # fmt: skip
    assert "00100010" not in series[0]
    (image,) = json.loads(get(noord, f"studies/{HEAD_CT}/series/{HEAD_CT}.1/instances?InstanceNumber=2").text)
    assert image["00080018"]["Value"] == [f"{HEAD_CT}.1.2"]
    assert image["00280010"]["Value"] == [128]
    assert image["00081190"]["Value"][0].endswith(f"/series/{HEAD_CT}.1/instances/{HEAD_CT}.1.2")


@pytest.mark.parametrize(
    ("query", "studies"),
    [
        ("", [HEAD_CT, KNEE_MR]),
        (f"?StudyInstanceUID={KNEE_MR}", [KNEE_MR]),
        (f"?StudyInstanceUID={HEAD_CT},{KNEE_MR}", [HEAD_CT, KNEE_MR]),
        (f"?StudyInstanceUID={HEAD_CT}%5C{KNEE_MR}", [HEAD_CT, KNEE_MR]),
        (f"?0020000D={HEAD_CT}", [HEAD_CT]),
        ("?ModalitiesInStudy=MR", [KNEE_MR]),
        ("?ModalitiesInStudy=MR%5CSR", [HEAD_CT, KNEE_MR]),
        ("?ModalitiesInStudy=US", []),
        ("?PatientName=jansen*", [HEAD_CT, KNEE_MR]),
        ("?PatientName=*A%3F%3FA", [HEAD_CT, KNEE_MR]),
        ("?PatientName=anna", []),
        ("?PatientName=ann+jan&fuzzymatching=true", [HEAD_CT, KNEE_MR]),
        ("?PatientName=pieters&fuzzymatching=true", []),
        ("?StudyDate=20260501-20260531", [HEAD_CT, KNEE_MR]),
        ("?StudyDate=20260504-", []),
        ("?StudyDate=-20260503", [HEAD_CT, KNEE_MR]),
        ("?StudyTime=1015", [HEAD_CT, KNEE_MR]),
        ("?PatientID=4711&PatientSex=F", [HEAD_CT, KNEE_MR]),
        ("?PatientID=4712", []),
        ("?NumberOfStudyRelatedInstances=9", [HEAD_CT]),
    ],
)
def test_what_matches_is_found(noord, query, studies):
    assert found(noord, f"studies{query}") == studies


@pytest.mark.parametrize(
    "query",
    [f"StudyInstanceUID={BRAMS_CT}", "StudyInstanceUID=1.2.3", "PatientName=Visser*", "PatientID=8022", "offset=2"],
)
def test_no_match_is_204_without_a_word(noord, query):
    answer = get(noord, f"studies?{query}", BOTH)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("path", ["studies", "series", "instances"])
def test_nothing_of_others_is_ever_found(noord, path):
    assert set(found(noord, path)) == {HEAD_CT, KNEE_MR}
    assert set(found(noord, path, granted=(BRAMS_CT,))) == {BRAMS_CT}


@pytest.mark.parametrize("path", [f"studies/{BRAMS_CT}/series", f"studies/{HEAD_CT}/series/{KNEE_MR}.1/instances"])
def test_a_search_below_what_is_not_granted_is_the_same_404(noord, path):
    nothing = get(noord, "studies/1.2.3.4/series")
    answer = get(noord, path)
    assert (answer.status_code, answer.content) == (404, nothing.content)


def test_pages_say_how_much_is_left(noord):
    answer = get(noord, f"studies/{HEAD_CT}/instances?limit=4&offset=3")
    assert len(json.loads(answer.text)) == 4
    assert answer.headers["warning"] == '299 noord "There are 2 additional results"'


def test_more_can_be_asked_for(noord):
    (study,) = json.loads(get(noord, "studies?includefield=PatientAge,00081030").text)
    assert "00101010" in study
    (study,) = json.loads(get(noord, "studies?includefield=all").text)
    assert "00080080" in study
    assert "00080018" not in study
    (image,) = json.loads(
        get(noord, f"studies/{HEAD_CT}/instances?SOPInstanceUID={HEAD_CT}.1.2&includefield=all").text
    )
    assert "00280030" in image
    assert not any("BulkDataURI" in element for element in image.values())


@pytest.mark.parametrize(
    "query",
    ["NoSuchAttribute=1", "limit=-1", "limit=ten", "fuzzymatching=maybe", "includefield=Nonsense", "a.b.c.d.e=1"],
)
def test_what_is_not_understood_is_400_and_not_passed_over(noord, query):
    assert get(noord, f"studies?{query}").status_code == 400


def test_a_pattern_of_stars_takes_no_time(noord):
    assert get(noord, "studies?PatientName=" + "*a" * 2000).status_code == 204


def test_a_client_that_is_not_ours_searches(noord):
    session = DICOMwebClient(f"{noord.url}/dicom-web", headers=noord.token([*BOTH]))
    assert len(session.search_for_studies(search_filters={"PatientName": "Jansen*"}, fields=["PatientAge"])) == 2
    assert len(session.search_for_series(HEAD_CT)) == 4
    assert len(session.search_for_instances(HEAD_CT, f"{HEAD_CT}.1", limit=3)) == 3
    assert session.search_for_studies(search_filters={"StudyDate": "20200101"}) == []


def test_searches_of_a_minute_are_one_use_of_what_they_told_of(noord):
    token = noord.token([*BOTH], index=32)
    answers = [noord.client.get("/dicom-web/studies", headers=token) for _ in range(3)]
    noord.clock.pass_by(seconds=11)
    wait_until(lambda: any(one["grant"] == "grant-32" for one in noord.portal.told))
    (event,) = [one for one in noord.portal.told if one["grant"] == "grant-32"]
    assert (event["kind"], event["phase"], event["outcome"]) == ("retrieve", "ended", "completed")
    assert (sorted(event["studies"]), event["bytes"]) == ([*BOTH], sum(len(one.content) for one in answers))
