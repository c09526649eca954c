"""A one-time code gives one token, to the right gateway, within sixty seconds, while the grant lives."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.cast import ANNA
from tests.sharing_town import HEAD_CT, PORTAL, Town

from beeldpas.domain.errors import Refused
from beeldpas.domain.secret import OneTimeCode
from beeldpas.formats.jose import verify
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.exchange_code import exchange_code
from beeldpas.portal.actions.open_own import open_own
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.sign_out import sign_out
from beeldpas.portal.actions.start_download import start_download

DOWNLOAD = "https://noord.example/download"


async def a_code(town: Town, asker: Asker, handle: str) -> OneTimeCode:
    download = await start_download(town.house, asker, handle, "en")
    return OneTimeCode(parse_qs(urlsplit(download.redirect_url).query)["code"][0])


async def redeemed(town: Town) -> tuple[Asker, str, Asker, str]:
    anna, dekker = await town.patient(), town.provider()
    made = await town.share(anna)
    opened = await town.redeem(dekker, made)
    return anna, made.share_id, dekker, opened.share.hospitals[0].grant_handle


async def refused(town: Town, code: OneTimeCode, gateway_id: str = "noord", address: str = DOWNLOAD) -> None:
    with pytest.raises(Refused) as refusal:
        await exchange_code(town.house, town.house.directory.by_id(gateway_id), code, address)
    assert refusal.value.reason == "invalid_grant"


async def exchange(town: Town, code: OneTimeCode) -> dict:
    issued = await exchange_code(town.house, town.house.directory.by_id("noord"), code, DOWNLOAD)
    return verify(
        issued.access_token.reveal(),
        typ="at+jwt",
        keys=town.house.keys,
        issuer=PORTAL,
        audience="https://noord.example",
        now=town.clock.now,
    )


async def test_the_token_says_which_state_of_the_index_the_patient_confirmed(town: Town) -> None:
    town.hospitals.generation = 41
    _, _, dekker, handle = await redeemed(town)
    town.hospitals.generation = 44
    claims = await exchange(town, await a_code(town, dekker, handle))
    assert claims["authorization_details"][0]["confirmed"] == {"generation": 41}


async def test_who_opens_their_own_images_confirms_what_the_hospital_says_then(town: Town) -> None:
    anna, town.hospitals.generation = await town.patient(), 7
    own = await open_own(town.house, anna, ANNA.bsn, HEAD_CT, "noord")
    claims = await exchange(town, await a_code(town, anna, own.handle))
    assert claims["authorization_details"][0]["confirmed"] == {"generation": 7}


async def test_a_hospital_that_does_not_answer_confirms_nothing(town: Town) -> None:
    anna = await town.patient()
    town.hospitals.silent.add("noord")
    own = await open_own(town.house, anna, ANNA.bsn, HEAD_CT, "noord")
    claims = await exchange(town, await a_code(town, anna, own.handle))
    assert "confirmed" not in claims["authorization_details"][0]


async def test_the_token_renders_the_grant_and_nothing_wider(town: Town) -> None:
    _, _, dekker, handle = await redeemed(town)
    claims = await exchange(town, await a_code(town, dekker, handle))
    detail = claims["authorization_details"][0]
    assert (claims["grant"], claims["purpose"], claims["language"]) == (handle, "TREAT", "en")
    assert (detail["studies"], detail["basis"], detail["locations"]) == ([HEAD_CT], "share", [claims["aud"]])
    assert claims["receiver"] == {
        "kind": "self-declared",
        "name": "Dr. D. Dekker",
        "organisation": "Kliniek De Linde",
    }
    assert claims["status"]["status_list"]["uri"] == f"{PORTAL}/status/noord"
    assert claims["exp"] == claims["iat"] + 300
    assert ANNA.bsn.reveal() not in repr(claims)


async def test_a_receiver_has_another_name_at_every_hospital(town: Town) -> None:
    dekker = town.provider()
    opened = await town.redeem(dekker, await town.share(await town.patient()))
    subjects = set()
    for part in opened.share.hospitals:
        code = await a_code(town, dekker, part.grant_handle)
        issued = await exchange_code(town.house, part.hospital, code, f"{part.hospital.base_url}/download")
        claims = verify(
            issued.access_token.reveal(),
            typ="at+jwt",
            keys=town.house.keys,
            issuer=PORTAL,
            audience=part.hospital.base_url,
            now=town.clock.now,
        )
        subjects.add(claims["sub"])
    assert len(subjects) == 2


async def test_a_code_used_twice_gives_nothing_the_second_time(town: Town) -> None:
    _, _, dekker, handle = await redeemed(town)
    code = await a_code(town, dekker, handle)
    await exchange(town, code)
    await refused(town, code)


async def test_a_code_used_ten_times_at_once_gives_one_token(town: Town) -> None:
    _, _, dekker, handle = await redeemed(town)
    code = await a_code(town, dekker, handle)
    answers = await asyncio.gather(*(exchange(town, code) for _ in range(10)), return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in answers) == 1


async def test_a_code_is_good_for_sixty_seconds(town: Town) -> None:
    _, _, dekker, handle = await redeemed(town)
    early, late = await a_code(town, dekker, handle), await a_code(town, dekker, handle)
    town.clock.pass_by(seconds=59)
    await exchange(town, early)
    town.clock.pass_by(seconds=1)
    await refused(town, late)


async def test_another_gateway_gets_nothing_and_does_not_use_the_code_up(town: Town) -> None:
    _, _, dekker, handle = await redeemed(town)
    code = await a_code(town, dekker, handle)
    await refused(town, code, "west", "https://west.example/download")
    await refused(town, code, "west", DOWNLOAD)
    await exchange(town, code)


async def test_another_address_gets_nothing(town: Town) -> None:
    _, _, dekker, handle = await redeemed(town)
    code = await a_code(town, dekker, handle)
    for address in ("", "https://noord.example/download/", "https://evil.example/download"):
        await refused(town, code, address=address)


async def test_an_unknown_code_gives_nothing(town: Town) -> None:
    for text in ("", "x" * 43, "é"):
        await refused(town, OneTimeCode(text))


async def test_a_share_stopped_between_code_and_exchange_gives_nothing(town: Town) -> None:
    anna, share_id, dekker, handle = await redeemed(town)
    code = await a_code(town, dekker, handle)
    await revoke_share(town.house, anna, share_id=share_id, why="")
    await refused(town, code)


async def test_a_visit_that_ended_between_code_and_exchange_gives_nothing(town: Town) -> None:
    anna = await town.patient()
    grant = await open_own(town.house, anna, ANNA.bsn, HEAD_CT, "noord")
    claims = await exchange(town, await a_code(town, anna, grant.handle))
    assert (claims["purpose"], claims["receiver"]["kind"]) == ("PATRQT", "patient")
    code = await a_code(town, anna, grant.handle)
    await sign_out(town.house, anna)
    await refused(town, code)


async def test_a_token_ends_with_its_grant_when_that_is_sooner(town: Town) -> None:
    dekker = town.provider()
    made = await town.share(await town.patient())
    opened = await town.redeem(dekker, made)
    town.clock.now = made.expires_at
    town.clock.pass_by(seconds=-90)
    claims = await exchange(town, await a_code(town, dekker, opened.share.hospitals[0].grant_handle))
    assert claims["exp"] == claims["iat"] + 90 == claims["authorization_details"][0]["not_after"]
