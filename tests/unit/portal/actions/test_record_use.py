"""What a hospital reports comes into the patient's log once, and only about grants for that hospital."""

from uuid import uuid4

from tests.sharing_town import HEAD_CT, KNEE_MR, Town

from beeldpas.audit.events import Use
from beeldpas.portal.actions import view_shares
from beeldpas.portal.actions.record_use import UseReport, record_use
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.view_log import view_log


def report(town: Town, grant: str, phase: str = "started", uid: str = HEAD_CT, **changes) -> UseReport:
    facts = {
        "event_id": str(uuid4()),
        "grant": grant,
        "use": Use.DOWNLOAD,
        "phase": phase,
        "studies": (uid,),
        "bytes": 0 if phase == "started" else 6_000_000,
        "outcome": "running" if phase == "started" else "completed",
        "at": town.clock.now,
    }
    return UseReport(**facts | changes)


async def test_uses_are_in_the_log_and_with_the_share_under_the_gateways_ids(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    made = await town.share(anna)
    handle = (await town.redeem(dekker, made)).share.hospitals[0].grant_handle
    noord = town.house.directory.by_id("noord")
    started = report(town, handle)
    town.clock.pass_by(seconds=30)
    ended = report(town, handle, "ended")
    recorded = await record_use(town.house, noord, [started, ended])
    assert (recorded.stored, recorded.refused) == ((started.event_id, ended.event_id), ())
    lines = [line for line in await view_log(town.house, anna) if line.source == "noord"]
    assert [(line.event_id, line.action, line.outcome, line.bytes) for line in lines] == [
        (ended.event_id, "download", "completed", 6_000_000),
        (started.event_id, "download", "running", 0),
    ]
    assert (lines[0].who, lines[0].organisation, lines[0].verified) == ("Dr. D. Dekker", "Kliniek De Linde", False)
    assert lines[0].share_reference == made.reference
    uses = (await view_shares.one(town.house, anna, made.share_id)).uses
    assert [(use.what, use.outcome, use.bytes) for use in uses] == [
        ("download", "completed", 6_000_000),
        ("redeem_share", "done", None),
    ]


async def test_a_running_download_is_shown_as_running(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    made = await town.share(anna)
    handle = (await town.redeem(dekker, made)).share.hospitals[0].grant_handle
    first, end, second = report(town, handle), report(town, handle, "ended"), report(town, handle)
    await record_use(town.house, town.house.directory.by_id("noord"), [first, end, second])
    uses = (await view_shares.one(town.house, anna, made.share_id)).uses
    assert [use.outcome for use in uses if use.what == "download"] == ["running", "completed"]


async def test_reported_twice_is_stored_once(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    handle = (await town.redeem(dekker, await town.share(anna))).share.hospitals[0].grant_handle
    noord, same = town.house.directory.by_id("noord"), report(town, handle)
    for _ in range(3):
        assert (await record_use(town.house, noord, [same])).stored == (same.event_id,)
    assert len([line for line in await view_log(town.house, anna) if line.source == "noord"]) == 1


async def test_a_gateway_reports_about_its_own_grants_only(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    opened = await town.redeem(dekker, await town.share(anna))
    noord, west = (part.grant_handle for part in opened.share.hospitals)
    here = town.house.directory.by_id("noord")
    mine = report(town, noord)
    wrong = [
        report(town, west, uid=KNEE_MR),
        report(town, "no-such-grant"),
        report(town, noord, uid=KNEE_MR),
    ]
    recorded = await record_use(town.house, here, [wrong[0], mine, *wrong[1:]])
    assert recorded.stored == (mine.event_id,)
    assert recorded.refused == tuple(one.event_id for one in wrong)
    alone = await record_use(town.house, here, wrong)
    assert (alone.stored, alone.refused) == ((), tuple(one.event_id for one in wrong))


async def test_a_gateway_cannot_take_another_events_id(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    opened = await town.redeem(dekker, await town.share(anna))
    noord, west = (part.grant_handle for part in opened.share.hospitals)
    theirs = report(town, noord)
    await record_use(town.house, town.house.directory.by_id("noord"), [theirs])
    stolen = report(town, west, uid=KNEE_MR, event_id=theirs.event_id)
    portals = report(town, west, uid=KNEE_MR, event_id=(await view_log(town.house, anna))[-1].event_id)
    recorded = await record_use(town.house, town.house.directory.by_id("west"), [stolen, portals])
    assert recorded.refused == (theirs.event_id, portals.event_id)


async def test_a_use_that_ended_after_the_revocation_is_still_reported(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    made = await town.share(anna)
    handle = (await town.redeem(dekker, made)).share.hospitals[0].grant_handle
    await revoke_share(town.house, anna, share_id=made.share_id, why="")
    cut = report(town, handle, "ended", outcome="revoked", bytes=17)
    recorded = await record_use(town.house, town.house.directory.by_id("noord"), [cut])
    assert recorded.stored == (cut.event_id,)
