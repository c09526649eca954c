"""A provider's keys are fetched when they are needed, once more for one that nobody knows, and never in a flood."""

from __future__ import annotations

import asyncio

import pytest
from joserfc.jwk import KeySet
from tests.lying_provider import KEY, OTHER_KEY, Visit, as_jwt, signed

from beeldpas.domain.errors import Refused, Unavailable
from beeldpas.formats.jose import new_rsa_key


async def test_a_new_key_is_found_without_a_restart(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beeldpas.portal.identity.discovery._REFETCH_SECONDS", 0)
    visit.agree(userinfo="signed")
    fresh = new_rsa_key("issuer-2")
    begun = await visit.go()
    visit.liar.say_userinfo = as_jwt()
    await visit.come_back(begun)
    visit.liar.keys = KeySet([fresh]).as_dict(private=False)
    visit.liar.sign = lambda claims: signed(claims, fresh, kid="issuer-2")
    visit.liar.say_userinfo = as_jwt(fresh, kid="issuer-2")
    assert (await visit.come_back(begun)).subject == "anna"
    await visit.party.close()


async def test_a_new_key_at_userinfo_alone_is_found_too(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beeldpas.portal.identity.discovery._REFETCH_SECONDS", 0)
    visit.agree(userinfo="signed")
    fresh = new_rsa_key("issuer-2")
    visit.liar.keys = KeySet([KEY, fresh]).as_dict(private=False)
    visit.liar.say_userinfo = as_jwt(fresh, kid="issuer-2")
    assert (await visit.evidence()).subject == "anna"


async def test_a_flood_of_unknown_keys_makes_one_request_to_the_provider(visit: Visit) -> None:
    visit.liar.sign = lambda claims: signed(claims, OTHER_KEY, kid="of-nobody")
    begun = await visit.go()
    answers = await asyncio.gather(*(visit.come_back(begun) for _ in range(40)), return_exceptions=True)
    assert all(isinstance(answer, Refused) for answer in answers)
    assert visit.liar.fetched.count("/jwks") == 1
    await visit.party.close()


async def test_many_who_come_while_a_provider_is_down_share_one_try(visit: Visit) -> None:
    visit.liar.discovery = {"issuer": "https://evil.example"}
    answers = await asyncio.gather(*(visit.party.begin("nl") for _ in range(20)), return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert len(visit.liar.fetched) == 1
    visit.liar.discovery = {}
    assert (await visit.evidence()).subject == "anna"
