"""What a portal does at a gateway's staging door, and what an administrator does with the PACS behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.hospital import Served

from beeldpas.formats import jose
from beeldpas.formats.question import Question, sign_question
from beeldpas.keys import public_file

QUESTION = Question("patient", "patient", "pseudonym-1", "Portaal", "PATRQT", "share")


def bearer(noord: Served) -> dict[str, str]:
    """A question of the portal, as a header."""
    now, portal = noord.clock(), noord.portal
    signed = sign_question(QUESTION, issuer=portal.base_url, audience=noord.url, now=now, key=portal.keys)
    return {"Authorization": f"Bearer {signed.reveal()}"}


def claims(noord: Served, token: str, typ: str) -> dict[str, Any]:
    """Read what the gateway signed, as the portal would."""
    keys = jose.load_keys(public_file(noord.house.settings.key_file))
    now = noord.clock()
    found = jose.verify(token, typ=typ, keys=keys, issuer=noord.url, audience=noord.portal.base_url, now=now)
    return dict(found)


def ask_staging(noord: Served, hold: str, studies: Sequence[str], until: datetime) -> list[dict[str, Any]]:
    """Set a hold; what the gateway says of each study, in the order asked."""
    body = {"hold": hold, "studies": list(studies), "until": int(until.timestamp())}
    answer = noord.client.post("/stage", json=body, headers=bearer(noord))
    assert answer.status_code == 202, answer.text
    return list(claims(noord, answer.text, "staging+jwt")["studies"])


def state_of(noord: Served, hold: str, study: str, until: datetime) -> dict[str, Any]:
    """Ask again, which is how progress is learnt."""
    return ask_staging(noord, hold, [study], until)[0]


def preview_of(noord: Served, studies: Sequence[str]) -> list[Any]:
    """The studies of a preview, followed by the UIDs that are missing."""
    answer = noord.client.post("/preview", json={"studies": list(studies), "language": "nl"}, headers=bearer(noord))
    found = claims(noord, answer.text, "preview+jwt")
    return [*found["studies"], *found["missing"]]
