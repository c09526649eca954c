"""What a hospital labels as not for representatives is left out for them, and for nobody else."""

from dataclasses import replace

import pytest
from tests.index_town import OWN
from tests.unit.portal.registries.test_gather import an_entry

from beeldpas.domain.study import Report
from beeldpas.formats.found import Found, FoundReport, FoundStudy
from beeldpas.portal.registries.withholding import seen_by

OF_ALL, OF_ANNA = an_entry("1.2.1"), an_entry("1.2.2")
LABEL = frozenset({"representatives"})
REPORT = Report("r", ("1.2.2",), "final", "CT", None)
FOUND = Found(
    studies=(FoundStudy(OF_ALL, (), True, ""), FoundStudy(OF_ANNA, (), True, "", LABEL)),
    reports=(FoundReport(REPORT, ""), FoundReport(replace(REPORT, identifier="s", studies=("1.2.1",)), "", LABEL)),
)


def test_patients_themselves_see_everything() -> None:
    assert seen_by(FOUND, OWN) == FOUND


@pytest.mark.parametrize("role", ["parent", "mandate", "somebody"])
def test_representatives_see_neither_the_study_nor_a_report_about_it(role: str) -> None:
    seen = seen_by(FOUND, replace(OWN, role=role))
    assert [one.study.uid for one in seen.studies] == ["1.2.1"]
    assert seen.reports == ()


def test_a_study_that_another_hospital_does_show_stays_with_its_report() -> None:
    both = replace(FOUND, studies=(*FOUND.studies, FoundStudy(OF_ANNA, (), False, "")))
    seen = seen_by(both, replace(OWN, role="parent"))
    assert [one.study.uid for one in seen.studies] == ["1.2.1", "1.2.2"]
    assert [one.report.identifier for one in seen.reports] == ["r"]


def test_providers_are_told_apart_from_representatives() -> None:
    asked = replace(OWN, asker="provider", role="verified", purpose="TREAT", basis="share")
    assert seen_by(FOUND, asked) == FOUND
    assert (
        seen_by(
            replace(FOUND, studies=(replace(FOUND.studies[0], withheld_from=frozenset({"providers"})),)), asked
        ).studies
        == ()
    )
