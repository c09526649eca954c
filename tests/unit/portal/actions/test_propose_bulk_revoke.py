"""A proposal to stop many: for an incident, by a URA or a professional's number; it stops nothing, shows counts."""

import json

import pytest
from tests.sharing_town import Town

from beeldpas.domain.errors import Malformed, NotFound, Refused
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.bulk_targets import Counts, parse_target
from beeldpas.portal.actions.propose_bulk_revoke import Proposal, propose_bulk_revoke
from beeldpas.portal.store.tables import access_log, issued_grant


async def propose(town: Town, asker: Asker, **changed: str) -> Proposal:
    asked = {"target": "90000201", "incident": "INC-14", "why": "hospital_asked"} | changed
    return await propose_bulk_revoke(town.house, asker, target_kind="organisation", **asked)  # type: ignore[arg-type]


async def test_it_says_how_much_it_is_about_and_stops_nothing(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    before = await propose(town, town.agent())
    await town.redeem(town.provider(verified=True), made)
    after = await propose(town, town.agent())
    assert (after.counts.shares - before.counts.shares, after.counts.grants - before.counts.grants) == (1, 2)
    assert (after.expires_at - town.clock.now).total_seconds() == 3600
    assert {row.revoked_at for row in await town.rows(issued_grant, issued_grant.c.share_id == made.share_id)} == {
        None
    }


async def test_it_is_in_the_log_with_incident_and_target(town: Town) -> None:
    proposal = await propose(town, town.agent())
    rows = [json.loads(row.record) for row in await town.rows(access_log, access_log.c.kind == "propose_bulk_revoke")]
    mine = next(row for row in rows if row.get("bulk") == proposal.number)
    assert (mine["incident"], mine["target"], mine["patient"]) == ("INC-14", "organisation:90000201", None)


async def test_it_needs_an_incident_a_reason_a_fresh_sign_in_and_the_helpdesk(town: Town) -> None:
    for changed, reason in (({"incident": ""}, "incident_missing"), ({"why": "because"}, "revoke_reason_missing")):
        with pytest.raises(Refused, match=reason):
            await propose(town, town.agent(), **changed)
    with pytest.raises(Refused, match="step_up_needed"):
        await propose(town, town.agent(signed_in_ago=301))
    for asker in (await town.patient(), town.provider(verified=True), town.agent("security")):
        with pytest.raises(NotFound):
            await propose(town, asker)


async def test_nobody_is_counted_for_a_number_that_nobody_has(town: Town) -> None:
    assert (await propose(town, town.agent(), target="00000000")).counts == Counts(0, 0)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("organisation", ""), ("organisation", "x"), ("provider", "%"), ("provider", ""), ("all", "1"), ("", "")],
)
def test_a_target_is_a_ura_or_a_number_of_a_professional(kind: str, text: str) -> None:
    with pytest.raises(Malformed, match="bulk_target"):
        parse_target(kind, text)
    assert parse_target("organisation", " 201 ") == ("organisation", "00000201")
    assert parse_target("provider", "9000 11101") == ("provider", "900011101")
    assert parse_target("provider", "12345678") == ("provider", "012345678"), "as the care login's numbers are kept"
