"""What a patient sees of a share thirty days after its end, and what they agreed to before."""

from __future__ import annotations

from tests.portal_doors import Doors

from beeldpas.portal.erasing import erase_due


async def test_a_share_that_was_emptied_is_still_there_without_what_it_held(doors: Doors) -> None:
    anna = await doors.patient()
    share_id, _, _, page = await anna.share(note="Graag een tweede mening.")
    reference = page.marked("code")
    doors.town.clock.pass_by(days=50)
    await erase_due(doors.town.house)
    anna = await doors.patient()
    listed = await anna.get("/shares")
    assert "Toegang van 24 november 2026" in listed.text
    page = await anna.get(f"/shares/{share_id}")
    assert reference in page.text
    assert "hebben wij gewist voor wie dit was" in page.text
    for gone in ("dr. Dekker", "tweede mening", "CT-scan"):
        assert gone not in page.text + listed.text
    assert (
        f"heeft om 10.30 uur gewist wat er bij de afgelopen toegang {reference} hoorde"
        in (await anna.get("/log?days=365&whose=all")).text
    )


async def test_the_confirm_page_says_what_is_agreed_and_another_text_makes_nothing(doors: Doors) -> None:
    anna = await doors.patient()
    form = (await anna.get("/timeline")).form("/share/choose")
    uids = form.options["study"]
    await anna.post(
        "/share/choose", {"study": uids, **{f"hospital.{uid}": form.values[f"hospital.{uid}"] for uid in uids}}
    )
    check = await anna.post("/share/terms", {"for_whom": "dr. Dekker", "days": "14", "language": "nl"})
    assert "Wij onthouden van wie deze toegang is, ook als u bent uitgelogd" in check.text
    assert "U kunt uw toestemming altijd intrekken" in check.text
    fields = dict(check.form("/share/make").values)
    assert fields["consent"] == "2026-11/nl"
    for other in ("", "2020-01/nl", "2026-11/en"):
        page = await anna.post("/share/make", {**fields, "consent": other})
        assert page.status == 409
    assert "U heeft nog niemand toegang gegeven" in (await anna.get("/shares")).text
    assert (await anna.post("/share/make", fields)).status == 200
