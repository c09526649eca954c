"""Signing in against certified provider software: it accepts what we send, and we accept what it says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc.jwk import KeySet, RSAKey
from tests.strict_issuer import (
    MAX,
    NL_GOV,
    PORTAL,
    SIGNED,
    Agreement,
    Issuer,
    running_issuer,
    sign_in,
    way_back_from,
)

from beeldpas.demo.issuers import HIGH, LOW, SUBSTANTIAL, care, dezi, digid, staff
from beeldpas.domain.errors import Refused, Unavailable
from beeldpas.keys import write_new_keys
from beeldpas.portal.identity.declaration import Declarations
from beeldpas.portal.identity.digid import signed_in
from beeldpas.portal.identity.provider import Unfit
from beeldpas.portal.identity.relying_party import Evidence
from beeldpas.portal.identity.staff import staff_member
from beeldpas.portal.identity.zorg import care_provider
from beeldpas.portal.settings import DeclarationSettings, Level

AGREEMENTS = {"signed": SIGNED, "nl-gov": NL_GOV, "max": MAX}
DEZI_KEY = RSAKey.generate_key(2048, {"kid": "dezi-1"})
JKU = "https://auth.dezi.example/jwks.json"


@pytest.fixture(scope="module", params=AGREEMENTS)
def digid_issuer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """DigiD's stand-in: userinfo as a signed JWT, and signed and encrypted in the two Dutch ways."""
    agreement: Agreement = AGREEMENTS[request.param]
    with running_issuer(digid, "digid", tmp_path_factory.mktemp("digid"), agreement) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def zorg_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """The care login."""
    with running_issuer(care, "zorg", tmp_path_factory.mktemp("zorg")) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def staff_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """The staff login."""
    with running_issuer(staff, "staff", tmp_path_factory.mktemp("staff")) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def dezi_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """The care login as Dezi gives it: a signed declaration within signed and encrypted userinfo."""
    said = {"issuer": "https://abonnee.dezi.nl", "jku": JKU, "key": DEZI_KEY.as_dict(private=True)}
    kind = partial(dezi, declaration=said)
    with running_issuer(kind, "zorg", tmp_path_factory.mktemp("dezi"), NL_GOV) as issuer:
        yield issuer


def number(evidence: Evidence, minimum: Level) -> str:
    """The number of whoever signed in for themselves."""
    return signed_in(evidence, minimum, datetime.now(UTC).date()).bsn.reveal()


async def test_a_patient_is_recognised_by_number_and_level(digid_issuer: Issuer) -> None:
    party = digid_issuer.party()
    begun = await party.begin("nl")
    answer = await sign_in(begun, person="anna", level=SUBSTANTIAL)
    assert (answer["state"], answer["iss"]) == (begun.state, digid_issuer.settings.issuer)
    evidence = await party.finish(answer, begun)
    assert number(evidence, "substantial") == "999990019"
    assert "bsn" not in evidence.id_token
    with pytest.raises(Refused) as refusal:
        number(evidence, "high")
    assert refusal.value.reason == "login_level_too_low"
    await party.close()


@pytest.mark.parametrize(("level", "accepted"), [(LOW, False), (SUBSTANTIAL, True), (HIGH, True)])
async def test_the_level_that_was_used_is_the_level_that_counts(
    digid_issuer: Issuer, level: str, accepted: bool
) -> None:
    party = digid_issuer.party()
    begun = await party.begin("en")
    evidence = await party.finish(await sign_in(begun, person="bram", level=level), begun)
    if accepted:
        assert number(evidence, "substantial") == "999993653"
    else:
        with pytest.raises(Refused, match="login_level_too_low"):
            number(evidence, "substantial")
    await party.close()


async def test_cancelling_is_no_failure(digid_issuer: Issuer) -> None:
    party = digid_issuer.party()
    begun = await party.begin("nl")
    with pytest.raises(Refused, match="login_cancelled"):
        await party.finish(await sign_in(begun, cancel="yes"), begun)
    await party.close()


async def test_a_code_counts_once(digid_issuer: Issuer) -> None:
    party = digid_issuer.party()
    begun = await party.begin("nl")
    answer = await sign_in(begun, person="anna", level=SUBSTANTIAL)
    await party.finish(answer, begun)
    with pytest.raises(Refused, match="login_identity_problem"):
        await party.finish(answer, begun)
    await party.close()


async def test_a_code_is_worth_nothing_without_its_verifier_or_for_another_sign_in(digid_issuer: Issuer) -> None:
    party = digid_issuer.party()
    begun, other = await party.begin("nl"), await party.begin("nl")
    answer = await sign_in(begun, person="anna", level=SUBSTANTIAL)
    with pytest.raises(Refused, match="login_identity_problem"):
        await party.finish(answer, other)
    await party.close()


async def test_a_client_with_another_key_gets_nothing(digid_issuer: Issuer, tmp_path: Path) -> None:
    write_new_keys(tmp_path / "other.jwks.json", "client-1", rsa=True)
    party = digid_issuer.party(key_file=tmp_path / "other.jwks.json")
    with pytest.raises((Unavailable, Refused)):
        begun = await party.begin("nl")  # refused here where the request is pushed, with the code elsewhere
        await party.finish(await sign_in(begun, person="anna", level=SUBSTANTIAL), begun)
    await party.close()


async def test_both_audiences_of_a_client_assertion_are_taken(zorg_issuer: Issuer) -> None:
    for audience in ("token_endpoint", "issuer"):
        party = zorg_issuer.party(assertion_audience=audience)
        begun = await party.begin("nl")
        evidence = await party.finish(await sign_in(begun, person="dekker"), begun)
        who = care_provider(evidence, "high", None, datetime.now(UTC))
        assert (who.name, [place.name for place in who.workplaces]) == ("Dr. D. Dekker", ["Kliniek De Linde"])
        assert who.workplaces[0].roles == ("01.015",)
        await party.close()


async def test_staff_come_with_their_roles(staff_issuer: Issuer) -> None:
    party = staff_issuer.party()
    begun = await party.begin("nl")
    member = staff_member(await party.finish(await sign_in(begun, person="fatima"), begun))
    assert (member.name, member.roles) == ("Fatima", {"helpdesk"})
    begun = await party.begin("nl")
    evidence = await party.finish(await sign_in(begun, person="gerrit"), begun)
    with pytest.raises(Refused, match="staff_role_missing"):
        staff_member(evidence)
    await party.close()


@pytest.mark.parametrize(("person", "roles"), [("hanna", {"helpdesk", "helpdesk_lead"}), ("samir", {"security"})])
async def test_whoever_works_for_the_service_comes_with_the_roles_of_their_job(
    staff_issuer: Issuer, person: str, roles: set[str]
) -> None:
    party = staff_issuer.party()
    begun = await party.begin("nl")
    assert staff_member(await party.finish(await sign_in(begun, person=person), begun)).roles == roles
    await party.close()


async def test_who_must_show_anew_who_they_are_did_so_this_minute(staff_issuer: Issuer) -> None:
    party = staff_issuer.party()
    before = int(time.time())
    begun = await party.begin("nl", max_age=60)
    member = staff_member(await party.finish(await sign_in(begun, person="fatima"), begun))
    assert before - 1 <= member.authenticated_at <= time.time() + 1
    await party.close()


async def test_a_card_that_goes_round_opens_nothing(zorg_issuer: Issuer) -> None:
    party = zorg_issuer.party()
    begun = await party.begin("nl")
    evidence = await party.finish(await sign_in(begun, person="counter"), begun)
    with pytest.raises(Refused, match="provider_card_unnamed"):
        care_provider(evidence, "substantial", None, datetime.now(UTC))
    await party.close()


async def test_who_signs_in_with_dezi_is_who_the_signed_declaration_says(dezi_issuer: Issuer) -> None:
    party = dezi_issuer.party()
    declarations = Declarations(DeclarationSettings(jwks_file=Path("unread"), jku=JKU), KeySet([DEZI_KEY]))
    begun = await party.begin("nl")
    evidence = await party.finish(await sign_in(begun, person="evers"), begun)
    who = care_provider(evidence, "high", declarations, datetime.now(UTC))
    assert (who.name, who.uzi_id) == ("Dr. E. Evers", "900011102")
    assert [(place.ura, place.roles) for place in who.workplaces] == [("90000202", ("01.062",))]
    with pytest.raises(Refused):
        care_provider(evidence, "high", None, datetime.now(UTC))  # the claims beside it say nothing
    await party.close()


async def test_who_signs_out_is_led_out_at_the_provider_too_and_back(zorg_issuer: Issuer) -> None:
    party = zorg_issuer.party()
    address = await party.way_out("en", "provider.en")
    assert await way_back_from(address) == f"{PORTAL}/signed-out?state=provider.en"
    assert "id_token" not in address
    await party.close()


async def test_who_signs_out_where_the_provider_has_no_way_out_stays_here(digid_issuer: Issuer) -> None:
    party = digid_issuer.party()
    assert await party.way_out("nl", "patient.nl") == ""
    await party.close()


async def test_a_stand_in_says_so_and_a_portal_in_production_believes_it(zorg_issuer: Issuer) -> None:
    party = zorg_issuer.party(stand_ins=False)
    with pytest.raises(Unfit):
        await party.begin("nl")
    await party.close()


async def test_an_answer_of_one_provider_is_worth_nothing_at_another(
    digid_issuer: Issuer, staff_issuer: Issuer
) -> None:
    party, other = digid_issuer.party(), staff_issuer.party()
    begun, begun_there = await party.begin("nl"), await other.begin("nl")
    answer = await sign_in(begun_there, person="fatima")
    with pytest.raises(Refused, match="login_identity_problem"):
        await party.finish(answer, begun)
    await party.close()
    await other.close()


async def test_what_the_portal_asks_is_pushed_and_the_browser_carries_a_reference_only(zorg_issuer: Issuer) -> None:
    party = zorg_issuer.party()
    begun = await party.begin("en")
    asked = dict(parse_qsl(urlsplit(begun.url).query))
    assert set(asked) == {"client_id", "request_uri"}
    assert (await party.finish(await sign_in(begun, person="dekker"), begun)).subject
    await party.close()
