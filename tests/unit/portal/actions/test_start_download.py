"""A download begins with a code that is kept as a hash, and only for the receiver's own live grants."""

from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.sharing_town import PORTAL, Town, evers

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.store.tables import authorization_code


async def test_the_browser_goes_to_the_hospital_with_a_code_and_the_issuer(town: Town) -> None:
    dekker = town.provider()
    opened = await town.redeem(dekker, await town.share(await town.patient()))
    west = opened.share.hospitals[1]
    download = await start_download(town.house, dekker, west.grant_handle, "en")
    address = urlsplit(download.redirect_url)
    query = parse_qs(address.query)
    assert (address.scheme, address.netloc, address.path) == ("https", "west.example", "/download")
    assert query["iss"] == [PORTAL]
    code = query["code"][0]
    assert len(code) == 43
    assert code not in repr(download)
    row = (await town.rows(authorization_code, authorization_code.c.handle == west.grant_handle))[0]
    assert row.code_hash == sha256(code.encode()).hexdigest()
    assert (row.gateway_id, row.language) == ("west", "en")


async def test_nobody_starts_a_download_of_somebody_elses_grant(town: Town) -> None:
    anna = await town.patient()
    opened = await town.redeem(town.provider(), await town.share(anna))
    handle = opened.share.hospitals[0].grant_handle
    for asker in (anna, evers(town), town.provider(), town.provider(verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await start_download(town.house, asker, handle, "nl")
    with pytest.raises(NotFound):
        await start_download(town.house, town.provider(), "no-such-grant", "nl")


async def test_a_share_at_its_end_starts_nothing_new(town: Town) -> None:
    dekker = town.provider()
    made = await town.share(await town.patient())
    opened = await town.redeem(dekker, made)
    town.clock.now = made.expires_at
    with pytest.raises(Refused) as refusal:
        await start_download(town.house, dekker, opened.share.hospitals[0].grant_handle, "nl")
    assert refusal.value.reason == "share_expired"
