"""A proposal is read by its number: who, for which incident, how much; no share, no patient."""

import pytest
from tests.sharing_town import Town

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions.propose_bulk_revoke import propose_bulk_revoke
from beeldpas.portal.actions.view_bulk_revoke import view_bulk_revoke


async def test_a_second_person_reads_it_and_no_reference_stands_in_it(town: Town) -> None:
    made = await town.share(await town.patient())
    await town.redeem(town.provider(verified=True), made)
    proposal = await propose_bulk_revoke(
        town.house,
        town.agent(),
        target_kind="organisation",
        target="90000201",
        incident="INC-14",
        why="hospital_asked",
    )
    lead = town.agent("helpdesk_lead", subject="ilse")
    seen = await view_bulk_revoke(town.house, lead, proposal.number.lower())
    assert (seen.state, seen.is_own, seen.counts.shares >= 1) == ("open", False, True)
    assert (await view_bulk_revoke(town.house, town.agent(), proposal.number)).is_own
    for secret in (made.reference, made.share_id, "Dekker"):
        assert secret not in repr(seen)
    town.clock.pass_by(hours=1)
    assert (await view_bulk_revoke(town.house, lead, proposal.number)).state == "expired"


async def test_an_unknown_number_and_a_stranger(town: Town) -> None:
    for odd in ("ZZZZZZ", "", "%", "\x00" * 6, "7" * 4000):
        with pytest.raises(Refused, match="bulk_unknown"):
            await view_bulk_revoke(town.house, town.agent(), odd)
    for asker in (await town.patient(), town.provider(verified=True), town.agent("security")):
        with pytest.raises(NotFound):
            await view_bulk_revoke(town.house, asker, "ZZZZZZ")
