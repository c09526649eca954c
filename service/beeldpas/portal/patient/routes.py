"""The addresses of the patient's door."""

from starlette.routing import BaseRoute, Route

from beeldpas.portal.patient import (
    calling,
    changes,
    choosing,
    coming_in,
    log,
    mail_links,
    notices,
    preference_page,
    shares,
    sharing,
    signing,
    studies,
    timeline,
    viewing,
)

_SHARE = "/shares/{share_id:str}"
_ORGANISATION = _SHARE + "/organisations/{request_id:str}"


def routes() -> list[BaseRoute]:
    """Return all routes of this door."""
    return [
        *_history(),
        Route("/", signing.start, methods=["GET"]),
        Route("/sign-in", signing.to_digid, methods=["GET"]),
        Route("/callback/digid", signing.from_digid, methods=["GET"]),
        Route("/sign-out", signing.leave, methods=["POST"]),
        Route("/signed-out", signing.signed_out, methods=["GET"]),
        Route("/share", choosing.choice_page, methods=["GET"]),
        Route("/share/choose", choosing.choose, methods=["POST"]),
        Route("/share/anew", sharing.begin_anew, methods=["POST"]),
        Route("/share/terms", sharing.terms, methods=["GET"]),
        Route("/share/terms", sharing.set_terms, methods=["POST"]),
        Route("/share/check", sharing.check, methods=["GET"]),
        Route("/share/without", sharing.without, methods=["POST"]),
        Route("/share/make", sharing.make, methods=["POST"]),
        Route("/shares", shares.shares, methods=["GET"]),
        Route(_SHARE, shares.share, methods=["GET"]),
        Route(_SHARE + "/code", shares.code, methods=["GET"]),
        Route(_SHARE + "/letter.pdf", shares.letter, methods=["GET", "POST"]),
        Route(_SHARE + "/stop", changes.ask_stop, methods=["GET"]),
        Route(_SHARE + "/stop", changes.stop, methods=["POST"]),
        Route(_SHARE + "/resume", changes.resume, methods=["POST"]),
        Route(_SHARE + "/new-code", changes.ask_new_code, methods=["GET"]),
        Route(_SHARE + "/new-code", changes.new_code, methods=["POST"]),
        Route(_SHARE + "/extend", changes.extend, methods=["POST"]),
        Route(_ORGANISATION + "/allow", changes.allow, methods=["POST"]),
        Route(_ORGANISATION + "/refuse", changes.refuse, methods=["POST"]),
        Route(_SHARE + "/longer", mail_links.longer, methods=["GET"]),
        Route("/settings", preference_page.settings, methods=["GET"]),
        Route("/settings", preference_page.set_settings, methods=["POST"]),
        Route("/notices", notices.notices, methods=["GET"]),
        Route("/notices", notices.set_notices, methods=["POST"]),
        Route("/notices/remove", notices.remove_notices, methods=["POST"]),
        Route("/mail/confirm", mail_links.confirm_page, methods=["GET"]),
        Route("/mail/confirm", mail_links.confirm, methods=["POST"]),
        Route("/mail/extend", mail_links.extend_page, methods=["GET"]),
        Route("/mail/stop", mail_links.stop_page, methods=["GET"]),
        Route("/mail/stop", mail_links.stop, methods=["POST"]),
        Route("/call", calling.call, methods=["GET"]),
        Route("/call/code", calling.new_code, methods=["POST"]),
        Route("/log", log.log, methods=["GET"]),
        Route("/log.pdf", log.log_pdf, methods=["GET"]),
        Route("/log/{event_id:str}/not-me", log.ask_not_me, methods=["GET"]),
        Route("/log/{event_id:str}/not-me", log.not_me, methods=["POST"]),
        Route("/log.json", log.log_json, methods=["GET"]),
    ]


def _history() -> list[BaseRoute]:
    return [
        Route("/timeline", timeline.timeline, methods=["GET"]),
        Route("/timeline", choosing.turn, methods=["POST"]),
        Route("/timeline/progress", coming_in.progress, methods=["GET"]),
        Route("/studies/{key:str}", studies.study, methods=["GET"]),
        Route("/studies/{key:str}/download", studies.download, methods=["POST"]),
        Route("/studies/{key:str}/reports/{number:str}", studies.ask_report, methods=["GET"]),
        Route("/studies/{key:str}/reports/{number:str}", studies.report, methods=["POST"]),
        Route("/studies/{key:str}/seen", studies.seen, methods=["GET"]),
        Route("/studies/{key:str}/view", viewing.look, methods=["POST"]),
        Route("/view/{handle:str}", viewing.viewer, methods=["GET"]),
    ]
