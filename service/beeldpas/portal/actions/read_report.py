"""A receiver reads one report: the browser goes to the hospital, which shows it; the portal never sees its text."""

from urllib.parse import urlencode

from beeldpas.domain.actions import Action
from beeldpas.domain.report_name import report_name
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.actions.held_grant import load_grant
from beeldpas.portal.actions.refusals import explain
from beeldpas.portal.actions.start_download import Download
from beeldpas.portal.house import House
from beeldpas.portal.store import authorization_codes, shares


async def read_report(
    house: House, asker: Asker, grant_handle: str, study_uid: str, report_uid: str, language: str, back: str
) -> Download:
    """Make a one-time code for one of this receiver's grants, on the way to one report.

    Whether the hospital holds the report, and shows it, is the hospital's to say: what is withheld and what never
    was get the same answer there. `back` is the path of the page to go back to.

    Raises: NotFound; Refused(share_expired {date}, share_revoked, share_suspended, session_ended).
    """

    async def work(deed: Deed) -> Download | Refusal:
        stored = await load_grant(deed, grant_handle)
        if stored is None or stored.receiver_key != asker.receiver_key or not stored.grant.covers(study_uid):
            return Refusal(NOT_FOUND)
        hospital = house.directory.by_id(stored.grant.gateway_id)
        deed.details = {
            "gateway": hospital.gateway_id,
            "hospital": hospital.name,
            "grant": stored.grant.handle,
            "studies": [study_uid],
            "report": report_uid,
        }
        if refusal := deed.authorise(resources.grant(stored, deed.now)):
            share = await shares.find(deed.connection, stored.share_id) if stored.share_id else None
            return explain(refusal, share) if share else refusal
        code = await authorization_codes.issue(
            deed.connection, stored.grant.handle, hospital.gateway_id, language, deed.now
        )
        name = report_name(stored.grant.handle, report_uid)
        query = {"code": code.reveal(), "iss": house.settings.base_url, "report": name, "back": back}
        return Download(f"{hospital.base_url}/download?{urlencode(query)}")

    return await perform(house, asker, Action.READ_REPORT, work)
