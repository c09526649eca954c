"""Every page of every door, in both languages: it renders, says its title, its language, and where help is."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from tests.portal_doors import Doors, Visitor

from beeldpas.demo.check.page import Page

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)


def check_page(page: Page, language: str) -> None:
    """What holds for every page."""
    html = page.html
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<html lang="{language}"' in html
    title, heading = (re.search(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL) for tag in ("title", "h1"))
    assert title and heading
    assert re.sub(r"^(Fout|Error): ", "", title[1]) == re.sub(r"</?span\b[^>]*>", "", heading[1])
    assert "0800 0100" in page.text
    assert not INLINE.search(html)
    assert html.count("<h1") == 1
    assert page.headers["cache-control"] == "no-store"
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    fields = set(re.findall(r'<(?:input type="text"|textarea) id="([^"]+)"', html))
    assert fields <= set(re.findall(r'<label for="([^"]+)"', html))
    assert set(re.findall(r'aria-describedby="([^"]+)"', html)) <= {" ".join(part) for part in _combinations(ids)}


def _combinations(ids: list[str]) -> list[tuple[str, ...]]:
    return [(one,) for one in ids] + [(one, two) for one in ids for two in ids]


async def start(doors: Doors, language: str) -> Page:
    return await doors.visitor(language).get("/")


async def timeline(doors: Doors, language: str) -> Page:
    return await (await doors.patient(language=language)).get("/timeline")


async def timeline_with_a_late_hospital(doors: Doors, language: str) -> Page:
    doors.town.hospitals.silent.add("noord")
    page = await (await doors.patient(language=language)).get("/timeline")
    assert "Ziekenhuis Noord" in page.text
    return page


async def timeline_without_registry(doors: Doors, language: str) -> Page:
    doors.town.registry.down = True
    return await (await doors.patient(language=language)).get("/timeline")


async def nothing_chosen(doors: Doors, language: str) -> Page:
    return await (await doors.patient(language=language)).post("/share/choose")


async def one_study(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    return await _follow(patient, await patient.get("/timeline"), "/studies/")


async def _follow(visitor: Visitor, page: Page, part: str) -> Page:
    path = page.link(part).removeprefix("https://portal.example").removeprefix(visitor.prefix)
    return await visitor.get(path)


async def terms(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    return await _chosen(patient)


async def _chosen(patient: Visitor) -> Page:
    form = (await patient.get("/timeline")).form("/share/choose")
    hospitals = {name: form.values[name] for name in form.names if name.startswith("hospital.")}
    return await patient.post("/share/choose", {"study": form.options["study"], **hospitals})


async def terms_with_errors(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    await _chosen(patient)
    return await patient.post("/share/terms", {"for_whom": "", "days": "14", "language": "nl"})


async def check(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    await _chosen(patient)
    return await patient.post("/share/terms", {"for_whom": "dr. <Dekker>", "days": "14", "language": "nl"})


async def check_with_a_late_hospital(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    await _chosen(patient)
    doors.town.hospitals.silent.add("noord")
    page = await patient.post("/share/terms", {"for_whom": "dr. Dekker", "days": "14", "language": "nl"})
    assert "/share/make" not in [form.action for form in page.forms]
    return page


async def code(doors: Doors, language: str) -> Page:
    return (await (await doors.patient(language=language)).share())[3]


async def code_hidden(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    share_id = (await patient.share())[0]
    doors.town.clock.pass_by(minutes=10)
    await patient.get("/shares")
    doors.town.clock.pass_by(minutes=6)
    return await patient.get(f"/shares/{share_id}/code")


async def no_shares(doors: Doors, language: str) -> Page:
    return await (await doors.patient(language=language)).get("/shares")


async def shares(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    await patient.share()
    return await patient.get("/shares")


async def one_share(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    share_id, code, pin, _ = await patient.share()
    await doors.visitor(language).redeem(code, pin)
    await doors.visitor(language).redeem(code, pin, organisation="Ziekenhuis Oost")
    page = await patient.get(f"/shares/{share_id}")
    assert "Ziekenhuis Oost" in page.text
    return page


async def stop(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    return await patient.get(f"/shares/{(await patient.share())[0]}/stop")


async def stopped(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    return await patient.post(f"/shares/{(await patient.share())[0]}/stop")


async def new_code(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    return await patient.get(f"/shares/{(await patient.share())[0]}/new-code")


async def replaced(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    return await patient.post(f"/shares/{(await patient.share())[0]}/new-code")


async def extended_too_far(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    share_id = (await patient.share(days="30"))[0]
    return await patient.post(f"/shares/{share_id}/extend", {"days": "14"})


async def log(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    _, code, pin, _ = await patient.share()
    await doors.visitor(language).redeem(code, pin)
    return await patient.get("/log?whose=all&days=365")


async def not_right(doors: Doors, language: str) -> Page:
    page = await log(doors, language)
    path = re.findall(r'"(?:/en)?(/log/[0-9a-f-]{36}/not-me)"', page.html)[0]
    return await (await doors.patient(language=language)).get(path)


async def notices(doors: Doors, language: str) -> Page:
    return await (await doors.patient(language=language)).post("/notices", {"email": "anna@post.example"})


async def notices_with_errors(doors: Doors, language: str) -> Page:
    return await (await doors.patient(language=language)).post("/notices", {"email": "anna"})


async def longer(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    return await patient.get(f"/shares/{(await patient.share())[0]}/longer")


async def link(doors: Doors, language: str) -> Page:
    return await doors.visitor(language).get("/s")


async def link_with_errors(doors: Doors, language: str) -> Page:
    return await doors.visitor(language).post("/s", {"code": "7KQ2", "pin": "", "name": "x", "organisation": "y"})


async def link_signed_in(doors: Doors, language: str) -> Page:
    return await (await doors.provider(language=language)).get("/s")


async def workplace(doors: Doors, language: str) -> Page:
    from tests.portal_doors import care_says

    visitor = doors.visitor(language)
    doors.parties["provider"].says = care_says("Dr. E. Evers", ("90000202", "Oost"), ("90000203", "Praktijk"))
    await visitor.sign_in("/provider/sign-in", "/callback/zorg")
    return await visitor.get("/provider/workplace")


async def overview(doors: Doors, language: str) -> Page:
    _, code, pin, _ = await (await doors.patient(language=language)).share(note="Let op <b>mijn</b> knie")
    page = await doors.visitor(language).redeem(code, pin)
    assert "/provider/shares/" in page.url
    return page


async def overview_with_a_late_hospital(doors: Doors, language: str) -> Page:
    _, code, pin, _ = await (await doors.patient(language=language)).share()
    doors.town.hospitals.silent.add("noord")
    return await doors.visitor(language).redeem(code, pin)


async def helpdesk_start(doors: Doors, language: str) -> Page:
    return await doors.visitor(language).get("/helpdesk")


async def helpdesk_find(doors: Doors, language: str) -> Page:
    return await (await doors.agent(language)).get("/helpdesk")


async def helpdesk_unknown_reference(doors: Doors, language: str) -> Page:
    return await (await doors.agent(language)).post("/helpdesk/find", {"reference": "K7P-4QX-92M"})


async def helpdesk_share(doors: Doors, language: str) -> Page:
    _, code, pin, page = await (await doors.patient(language=language)).share()
    await doors.visitor(language).redeem(code, pin)
    return await (await doors.agent(language)).post("/helpdesk/find", {"reference": page.marked("code").lower()})


async def helpdesk_stop(doors: Doors, language: str) -> Page:
    return await (await doors.agent(language)).get("/helpdesk/shares/K7P-4QX-92M/stop")


async def helpdesk_stop_without_reason(doors: Doors, language: str) -> Page:
    return await (await doors.agent(language)).post("/helpdesk/shares/K7P-4QX-92M/stop")


async def helpdesk_stopped(doors: Doors, language: str) -> Page:
    page = (await (await doors.patient(language=language)).share())[3]
    said = {"why": "lost", "ground": "incident", "incident": "INC-14"}
    return await (await doors.agent(language)).post(f"/helpdesk/shares/{page.marked('code')}/stop", said)


async def helpdesk_stop_too_long_after_signing_in(doors: Doors, language: str) -> Page:
    agent = await doors.agent(language)
    doors.town.clock.pass_by(minutes=6)
    return await agent.get("/helpdesk/shares/K7P-4QX-92M/stop")


async def helpdesk_pause(doors: Doors, language: str) -> Page:
    return await (await doors.agent(language)).get("/helpdesk/shares/K7P-4QX-92M/pause")


async def helpdesk_pause_without_reason(doors: Doors, language: str) -> Page:
    return await (await doors.agent(language)).post("/helpdesk/shares/K7P-4QX-92M/pause", {"note": "999990019"})


async def helpdesk_paused(doors: Doors, language: str) -> Page:
    page = (await (await doors.patient(language=language)).share())[3]
    path = f"/helpdesk/shares/{page.marked('code')}/pause"
    return await (await doors.agent(language)).post(path, {"why": "checking"})


async def helpdesk_paused_share(doors: Doors, language: str) -> Page:
    page = (await (await doors.patient(language=language)).share())[3]
    agent, path = await doors.agent(language), f"/helpdesk/shares/{page.marked('code')}"
    await agent.post(f"{path}/pause", {"why": "checking"})
    return await agent.get(path)


async def helpdesk_call(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    await patient.share()
    await patient.post("/call/code")
    return await (await doors.agent(language)).post(
        "/helpdesk/find", {"reference": (await patient.get("/call")).marked("pin")}
    )


async def helpdesk_nobody_on_the_line(doors: Doors, language: str) -> Page:
    return await (await doors.agent(language)).get("/helpdesk/call")


async def helpdesk_everything(doors: Doors, language: str) -> Page:
    return await (await doors.agent(language)).get("/helpdesk/everything")


async def helpdesk_everything_with_errors(doors: Doors, language: str) -> Page:
    return await (await doors.agent(language)).post("/helpdesk/everything", {"note": "x@y"})


async def helpdesk_many(doors: Doors, language: str) -> Page:
    return await (await doors.agent(language)).get("/helpdesk/many")


async def helpdesk_many_with_errors(doors: Doors, language: str) -> Page:
    return await (await doors.agent(language)).post("/helpdesk/many", {"incident": "?"})


async def helpdesk_proposal(doors: Doors, language: str) -> Page:
    asked = {"kind": "provider", "target": "900011101", "incident": "INC-14", "why": "hospital_asked"}
    return await (await doors.agent(language)).post("/helpdesk/many", asked)


async def helpdesk_proposal_to_confirm(doors: Doors, language: str) -> Page:
    path = (await helpdesk_proposal(doors, language)).url.partition("/helpdesk")[2]
    return await (await doors.agent(language, "ilse", "helpdesk_lead")).get(f"/helpdesk{path}")


async def phone_the_helpdesk(doors: Doors, language: str) -> Page:
    return await (await doors.patient(language=language)).get("/call")


async def call_code(doors: Doors, language: str) -> Page:
    return await (await doors.patient(language=language)).post("/call/code")


async def paused_shares(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    page = (await patient.share())[3]
    path = f"/helpdesk/shares/{page.marked('code')}/pause"
    await (await doors.agent(language)).post(path, {"why": "other_had_code"})
    return await patient.get("/shares")


async def paused_share(doors: Doors, language: str) -> Page:
    patient = await doors.patient(language=language)
    share_id, _, _, page = await patient.share()
    path = f"/helpdesk/shares/{page.marked('code')}/pause"
    await (await doors.agent(language)).post(path, {"why": "other_had_code"})
    return await patient.get(f"/shares/{share_id}")


async def help_page(doors: Doors, language: str) -> Page:
    return await doors.visitor(language).get("/help")


async def privacy(doors: Doors, language: str) -> Page:
    return await doors.visitor(language).get("/privacy")


async def ict(doors: Doors, language: str) -> Page:
    return await doors.visitor(language).get("/ict")


async def not_found(doors: Doors, language: str) -> Page:
    return await doors.visitor(language).get("/no-such-page")


PAGES: list[Callable[[Doors, str], Awaitable[Page]]] = [
    start, timeline, timeline_with_a_late_hospital, timeline_without_registry, nothing_chosen, one_study, terms,
    terms_with_errors, check, check_with_a_late_hospital, code, code_hidden, no_shares, shares, one_share, stop,
    stopped, new_code, replaced, extended_too_far, log, not_right, notices,
    notices_with_errors, longer, link, link_with_errors, link_signed_in, workplace, overview,
    overview_with_a_late_hospital, helpdesk_start, helpdesk_find, helpdesk_unknown_reference, helpdesk_share,
    helpdesk_stop, helpdesk_stop_without_reason, helpdesk_stopped, helpdesk_stop_too_long_after_signing_in,
    helpdesk_pause, helpdesk_pause_without_reason, helpdesk_paused, helpdesk_paused_share, helpdesk_call,
    helpdesk_nobody_on_the_line, helpdesk_everything, helpdesk_everything_with_errors, helpdesk_many,
    helpdesk_many_with_errors, helpdesk_proposal, helpdesk_proposal_to_confirm, phone_the_helpdesk, call_code,
    paused_shares, paused_share,
    help_page, privacy, ict, not_found,
]  # fmt: skip


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
async def test_page(doors: Doors, page: Callable[[Doors, str], Awaitable[Page]], language: str) -> None:
    check_page(await page(doors, language), language)
