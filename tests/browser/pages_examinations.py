"""The patient's examinations: finding them, choosing among them, looking at images, and reading a report."""

from __future__ import annotations

from tests.browser.steps import Choose, Fill, Look, Press, Tick
from tests.browser.walks import ANNA, Walk, signed_in
from tests.browser.window_steps import CloseTab, LoseHospitals, PressUntil, SeePicture, Tab

FINDING = Walk(
    "a patient finds and looks",
    (
        ANNA,
        *signed_in(),
        Press("filter.title", stays=True),
        Look("timeline, search open", "timeline.title"),
        Choose("filter.year", 1),
        Choose("filter.kind", -1),
        Press("filter.show"),
        Look("timeline, nothing with these choices", "timeline.title", "filter_empty"),
        Choose("filter.kind", 0),
        Press("filter.show"),
        Look("timeline, one year", "timeline.title"),
        Press("~modality.CT.name"),
        Look("study without a report", "~modality.CT.name", "no_report"),
        Press("look.open"),
        SeePicture(),
        Look("image viewer", "~modality.CT.name"),
        Press("~viewer.more", stays=True),
        Look("image viewer, everything open", "~modality.CT.name"),
        LoseHospitals(),
        PressUntil("~viewer.series_name", "[data-state=viewer_hospital_down]"),
        Look("image viewer, hospital silent", "~modality.CT.name", "viewer_hospital_down"),
        Press("look.back_patient"),
        Press("study.back"),
        Press("~modality.CR.name"),
        Press("report.read"),
        Look("before a report", "report.title"),
        Press("report.not_now"),
        Press("page.sign_out"),
    ),
    draws=True,
)
CHANGING = Walk(
    "a patient changes what to share",
    (
        ANNA,
        *signed_in(),
        Tick("timeline.choose", 3),
        Press("timeline.share"),
        Fill("terms.for_whom", "Dr. D. Dekker"),
        Press("terms.go_on"),
        Press("check.change_what"),
        Look("choose", "choose.title"),
        Tick("choose.year"),
        Look("choose, all of one year", "choose.title"),
        Press("terms.go_on"),
        Look("check, all of one year", "check.title"),
        Tab(),
        Press("check.change_what"),
        Tick("choose.all"),
        Press("terms.go_on"),
        CloseTab(),
        Press("check.share"),
        Look("changed in another tab", "state.two_tabs.title", "two_tabs"),
        Press("way.start"),
        Press("page.sign_out"),
    ),
)
WITHOUT_SCRIPTS = Walk(
    "a patient looks without scripts",
    (
        ANNA,
        *signed_in(),
        Press("~modality.CT.name"),
        Press("look.open"),
        Look("image viewer without scripts", "~modality.CT.name", "viewer_no_js"),
        Press("page.sign_out"),
    ),
    scripts=False,
)
