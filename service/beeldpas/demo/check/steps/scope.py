"""Scope: a token opens exactly its studies at exactly its hospital; everything else looks as if it did not exist."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import httpx2

from beeldpas.demo.check import provider_door
from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Page
from beeldpas.demo.check.stage import Shared, Stage, Use
from beeldpas.demo.people import ANNA

_NOWHERE = "1.2.826.0.1.3680043.99.99.99"


async def check_scope(stage: Stage, doctor: Browser, overview: Page, share: Shared) -> None:
    """Ask each hospital for what is granted, and for what is not."""
    tokens = await _tokens(stage, doctor, overview)
    granted = next(iter(share.studies["west"]))
    base = f"{stage.floor['west'].base_url}/dicom-web/studies"
    async with stage.browser() as viewer:
        own = await _get(viewer, f"{base}/{granted}/metadata", tokens["west"])
        stage.expect("a token opens a study of its grant", own.status_code == 200, own.status_code)
        if own.status_code == 200:
            stage.uses.append(Use("west", "completed", len(own.content), len(own.content)))
        nothing = _look(await _get(viewer, f"{base}/{_NOWHERE}/metadata", tokens["west"]))
        stage.expect("a study that does not exist: 404", nothing[0] == 404, nothing[0])
        for what, path in _outside(stage, granted).items():
            seen = _look(await _get(viewer, f"{base}/{path}", tokens["west"]))
            stage.expect(f"{what}: the same answer as for nothing", seen == nothing, seen[0])
        bad = _look(await _get(viewer, f"{base}/{granted}/metadata", "not.a.token"))
        stage.expect("a token that is none: 401", bad[0] == 401, bad[0])
        foreign = _look(await _get(viewer, f"{base}/{granted}/metadata", tokens["noord"]))
        stage.expect("a token for another hospital: the same answer", foreign == bad, foreign[0])


async def _tokens(stage: Stage, doctor: Browser, overview: Page) -> dict[str, str]:
    """Get a viewer token for each hospital of the share."""
    tokens = {}
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": stage.portal}
    for form in provider_door.downloads(overview):
        body = {"grant": form.values["grant"]}
        answer = await doctor.send("POST", f"{stage.portal}/viewer-token", json=body, headers=headers)
        token = str(answer.json()["access_token"])
        stage.keep_secret(token)
        tokens[_audience(stage, token)] = token
    return tokens


def _audience(stage: Stage, token: str) -> str:
    claims = _claims(token)
    return next(name for name, place in stage.floor.places.items() if place.base_url == claims["aud"])


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return dict(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def _outside(stage: Stage, granted: str) -> dict[str, str]:
    """Paths below /studies that are outside the grant."""
    here = stage.sources["west"]
    own = here.studies_of(ANNA.numbers["west"])
    others = [one for one in here.instances if one.study not in own]
    unshared = next(one for one in here.instances if one.study in own and one.study != granted)
    return {
        "another study of the patient": f"{unshared.study}/metadata",
        "a study of another patient": f"{others[0].study}/metadata",
        "a series of another study": f"{granted}/series/{unshared.series}/metadata",
        "an instance of another study": f"{granted}/series/{unshared.series}/instances/{unshared.uid}",
        "a UID with a dot at its end": f"{granted}./metadata",
    }


async def _get(viewer: Browser, url: str, token: str) -> httpx2.Response:
    return await viewer.send(
        "GET", url, headers={"Authorization": f"Bearer {token}", "Accept": "application/dicom+json"}
    )


def _look(answer: httpx2.Response) -> tuple[int, str, str | None, bytes]:
    """What somebody outside can tell an answer by."""
    headers = answer.headers
    return answer.status_code, headers.get("content-type", ""), headers.get("www-authenticate"), answer.content
