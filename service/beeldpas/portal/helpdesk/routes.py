"""The addresses of the helpdesk's door."""

from starlette.routing import BaseRoute, Route

from beeldpas.portal.helpdesk import desk, log, signing

_SHARE = "/helpdesk/shares/{reference:str}"


def routes() -> list[BaseRoute]:
    """Return all routes of this door."""
    return [
        Route("/helpdesk", desk.start, methods=["GET"]),
        Route("/helpdesk/sign-in", signing.to_staff_login, methods=["GET"]),
        Route("/callback/staff", signing.from_staff_login, methods=["GET"]),
        Route("/helpdesk/sign-out", signing.leave, methods=["POST"]),
        Route("/helpdesk/signed-out", signing.signed_out, methods=["GET"]),
        Route("/helpdesk/log", log.choose, methods=["GET"]),
        Route("/helpdesk/log.csv", log.download, methods=["GET"]),
        Route("/helpdesk/find", desk.find, methods=["POST"]),
        Route(_SHARE, desk.share, methods=["GET"]),
        Route(_SHARE + "/stop", desk.ask_stop, methods=["GET"]),
        Route(_SHARE + "/stop", desk.stop, methods=["POST"]),
    ]
