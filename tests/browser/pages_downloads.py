"""What a care provider sees while downloading and looking, until the patient stops it."""

from __future__ import annotations

from tests.browser.download_steps import Begin, Break
from tests.browser.steps import Fill, Look, Open, Press
from tests.browser.walks import ANNA, DOCTOR, Walk, opened, shared, signed_in
from tests.browser.window_steps import CloseTab, LoadUntil, PressUntil, SeePicture, Tab

DOWNLOADING = Walk(
    "a care provider downloads and looks",
    (
        ANNA,
        *signed_in(),
        *shared(),
        DOCTOR,
        Open("{link}"),
        Press("link.open", nth=-1),
        Look("link page, no PIN", "link.title", "pin_missing", errors=True),
        Fill("link.pin", "{pin}"),
        Press("link.open", nth=-1),
        Look("link page, no name", "link.title", "who_missing", errors=True),
        *opened(),
        Begin(),
        LoadUntil("progress.word.running"),
        Look("overview, downloading", "overview.title"),
        Break(),
        LoadUntil("progress.word.cut"),
        Look("overview, download broken off", "overview.title", "download_cut", part="next"),
        Press("overview.view"),
        SeePicture(),
        Look("image viewer of a care provider", "~modality.CT.name"),
        ANNA,
        Press("menu.shares"),
        Press("share.stop"),
        Tab(),
        Press("stop.yes"),
        CloseTab(),
        Press("stop.yes"),
        Look("stopped already", "state.share_stop_twice.title", "share_stop_twice"),
        DOCTOR,
        PressUntil("~viewer.series_name", "[data-state=viewer_stopped]"),
        Look("image viewer, share stopped", "~modality.CT.name", "viewer_stopped"),
        Open("/s"),
        Press("page.sign_out"),
        Look("care provider, signed out", "state.signed_out.title", "signed_out"),
    ),
    draws=True,
)
