"""A patient sees what they were told, newest first, and nobody else's messages."""

from pathlib import Path

import pytest
from tests.cast import BRAM
from tests.mailing import confirmed, wants_mail
from tests.sharing_town import Town

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions.view_notices import view_notices


async def test_what_was_told_stands_there_newest_first(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    anna = await town.patient()
    await confirmed(town, anna)
    made = await town.share(anna)
    town.clock.pass_by(minutes=1)
    await town.redeem(town.provider(), made)
    seen = await view_notices(town.house, anna)
    assert [(one.kind, one.reference) for one in seen.told] == [("first_use", made.reference), ("verify", "")]
    assert "post.example" not in repr(seen)
    assert (await view_notices(town.house, await town.patient(BRAM))).told == ()


async def test_nobody_else_sees_it_and_without_a_mail_server_nobody(town: Town, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        await view_notices(town.house, await town.patient())
    wants_mail(town, tmp_path)
    for asker in (town.provider(verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await view_notices(town.house, asker)
