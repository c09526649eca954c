"""The care provider's link page: it forgives, it says what is wrong, and it shows nothing before the PIN."""

from __future__ import annotations

import pytest
from tests.portal_doors import Doors
from tests.sharing_town import foreign_code, wrong

from beeldpas.domain.codes import PIN, ShareCode
from beeldpas.portal.link import seal_link

WHO = {"name": "Dr. D. Dekker", "organisation": "Kliniek De Linde", "function": ""}


async def test_loading_the_page_changes_nothing(doors: Doors) -> None:
    visitor = doors.visitor()
    page = await visitor.get("/s")
    assert "set-cookie" not in page.headers
    assert not visitor.client.cookies


@pytest.mark.parametrize("written", ["{}", "  {} ", "lower", "o", "dots", "link", "envelope"])
async def test_the_code_is_read_however_it_is_written(doors: Doors, written: str) -> None:
    _, code, pin, _ = await (await doors.patient()).share()
    link = seal_link(doors.town.house.secrets, "https://portal.example", code)
    typed = {
        "lower": code.reveal().lower(),
        "o": code.reveal().replace("0", "O").replace("1", "l"),
        "dots": code.grouped().replace(" ", " · "),
        "link": link,
        "envelope": link.partition("#")[2],
    }.get(written, written.format(code.reveal()))
    page = await doors.visitor().redeem(code, pin, code=typed)
    assert "/provider/shares/" in page.url


async def test_a_script_may_fill_in_the_link_instead_of_the_code(doors: Doors) -> None:
    _, code, pin, _ = await (await doors.patient()).share()
    envelope = seal_link(doors.town.house.secrets, "https://portal.example", code).partition("#")[2]
    assert "/provider/shares/" in (await doors.visitor().redeem(code, pin, code="", link=envelope)).url
    assert "/provider/shares/" in (await doors.visitor().redeem(code, pin, link=envelope)).url
    forged = code.reveal() + "." + "A" * 43
    assert "Wij kennen deze toegangscode niet" in (await doors.visitor().redeem(code, pin, link=forged)).text
    assert "/provider/shares/" in (await doors.visitor().redeem(code, pin, link="rubbish")).url


@pytest.mark.parametrize(
    ("fields", "said", "field"),
    [
        ({"code": ""}, "Vul de toegangscode in", "code"),
        ({"code": "7KQ2M9XD4TBNW3HFX"}, "De toegangscode klopt niet", "code"),
        ({"code": "https://portal.example/s"}, "De link is niet volledig", "code"),
        ({"pin": ""}, "Vul de pincode in", "pin"),
        ({"pin": "12345"}, "De pincode heeft 6 cijfers", "pin"),
        ({"organisation": " "}, "Vul in wie u bent", "name"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_spends_no_attempt(
    doors: Doors, fields: dict[str, str], said: str, field: str
) -> None:
    patient = await doors.patient()
    share_id, code, pin, _ = await patient.share()
    page = await doors.visitor().redeem(code, pin, **fields)
    assert (page.status, said in page.text) == (400, True)
    assert f'href="#{field}"' in page.html
    assert pin.reveal() not in page.html
    assert "Verkeerde pincodes" not in (await patient.get(f"/shares/{share_id}")).text


async def test_a_wrong_pin_counts_down_and_locks(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, code, pin, _ = await patient.share()
    visitor = doors.visitor()
    said = [await visitor.redeem(code, wrong(pin)) for _ in range(11)]
    assert "U kunt het nog 9 keer proberen. Controleer" in said[0].text
    assert "U kunt het nog 3 keer proberen. Daarna gaat de toegang op slot" in said[6].text
    assert said[10].status == 403
    assert "<h1>Deze toegang is op slot</h1>" in said[10].html
    assert "Op slot" in (await patient.get(f"/shares/{share_id}")).text
    assert "op slot" in (await visitor.redeem(code, pin)).text


@pytest.mark.parametrize("is_right", [True, False], ids=["wrong PIN", "typing error"])
async def test_a_code_comes_back_in_the_groups_of_the_letter(doors: Doors, is_right: bool) -> None:
    _, code, pin, _ = await (await doors.patient()).share()
    typed = code.reveal() if is_right else code.reveal()[:-1] + ("2" if code.reveal()[-1] != "2" else "3")
    page = await doors.visitor().redeem(code, wrong(pin), code=typed.lower().replace("0", "o"))
    assert page.form("/s").values["code"] == ShareCode(typed).grouped()


async def test_who_opens_another_share_finds_name_and_role_as_they_were_typed(doors: Doors) -> None:
    _, code, pin, _ = await (await doors.patient()).share()
    visitor = doors.visitor()
    await visitor.redeem(code, pin)
    values = (await visitor.get("/s")).form("/s", having="pin").values
    assert (values["name"], values["function"], values["organisation"]) == (
        "Dr. D. Dekker",
        "radioloog",
        "Kliniek De Linde",
    )


async def test_who_lacks_the_code_learns_nothing(doors: Doors) -> None:
    unknown = await doors.visitor().redeem(foreign_code(), PIN("123456"))
    assert (unknown.status, "Wij kennen deze toegangscode niet" in unknown.text) == (403, True)


async def test_stopped_and_ended_shares_say_so_to_who_holds_the_code(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, code, pin, _ = await patient.share()
    await patient.post(f"/shares/{share_id}/stop")
    assert "<h1>Deze toegang is gestopt</h1>" in (await doors.visitor().redeem(code, pin)).html
    _, code, pin, _ = await patient.share()
    doors.town.clock.pass_by(days=15)
    page = await doors.visitor().redeem(code, pin)
    assert "<h1>Deze toegang is afgelopen</h1>" in page.html
    assert "tot en met 8 december 2026" in page.text


async def test_a_share_for_care_logins_only_waits_for_the_sign_in_and_asks_nothing_twice(doors: Doors) -> None:
    _, code, pin, _ = await (await doors.patient()).share(self_declared="no")
    visitor = doors.visitor()
    page = await visitor.redeem(code, pin)
    assert "<h1>Log in als zorgverlener</h1>" in page.html
    from tests.portal_doors import care_says

    doors.parties["provider"].says = care_says("Dr. D. Dekker", ("90000201", "Kliniek De Linde"))
    await visitor.sign_in("/provider/sign-in", "/callback/zorg")
    form = (await visitor.get("/s")).form("/s", having="pin")
    page = await visitor.post("/s", {**form.values, "then": "open"})
    assert "/provider/shares/" in page.url
    assert "ingelogd als zorgverlener" in page.text


async def test_signing_in_first_keeps_code_and_pin(doors: Doors) -> None:
    _, code, pin, _ = await (await doors.patient()).share()
    visitor = doors.visitor()
    away = await visitor.post("/s", {"code": code.reveal(), "pin": pin.reveal(), "then": "sign_in"}, follow=False)
    assert away.headers["location"] == "/provider/sign-in"
    page = await visitor.get("/s")
    assert code.grouped() in page.html
    assert pin.reveal() not in page.html


async def test_the_overview_belongs_to_who_opened_it(doors: Doors) -> None:
    _, code, pin, _ = await (await doors.patient()).share()
    visitor = doors.visitor()
    page = await visitor.redeem(code, pin)
    path = page.url.removeprefix("https://portal.example")
    assert "Anna Jansen" in page.text
    assert (await doors.visitor().get(path)).status == 404
    assert (await (await doors.provider()).get(path)).status == 404


async def test_a_download_leads_to_the_hospital_and_stops_with_the_share(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, code, pin, _ = await patient.share()
    visitor = doors.visitor()
    page = await visitor.redeem(code, pin)
    forms = [form for form in page.forms if form.action.endswith("/download")]
    assert len(forms) == 2
    answer = await visitor.post(forms[0].action, dict(forms[0].values), follow=False)
    assert answer.headers["location"].startswith("https://noord.example/download?code=")
    assert (await visitor.post(forms[0].action, {"grant": "x"}, follow=False)).status == 404
    await patient.post(f"/shares/{share_id}/stop")
    answer = await visitor.post(forms[0].action, dict(forms[0].values), follow=False)
    assert "<h1>Deze toegang is gestopt</h1>" in answer.html


async def test_the_viewer_gets_a_token_for_its_own_grant_only(doors: Doors) -> None:
    _, code, pin, _ = await (await doors.patient()).share()
    visitor = doors.visitor()
    page = await visitor.redeem(code, pin)
    grant = next(form for form in page.forms if form.action.endswith("/download")).values["grant"]
    same = {"Sec-Fetch-Site": "same-origin"}
    answer = await visitor.client.post("/viewer-token", json={"grant": grant}, headers=same)
    assert set(answer.json()) == {"access_token", "expires_in"}
    stranger = await doors.visitor().client.post("/viewer-token", json={"grant": grant}, headers=same)
    assert stranger.status_code == 401
    patient = await (await doors.patient()).client.post("/viewer-token", json={"grant": grant}, headers=same)
    assert patient.status_code == 404
    assert (await visitor.client.post("/viewer-token", content="[", headers=same)).status_code == 400
