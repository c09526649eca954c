"""The addresses of the helpdesk's door."""

from starlette.routing import BaseRoute, Route

from beeldpas.portal.helpdesk import calling, desk, everything, holding, log, many, signing, stepping_up, stopping

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
        Route("/helpdesk/step-up", stepping_up.go, methods=["GET"]),
        Route("/helpdesk/call", calling.call, methods=["GET"]),
        Route("/helpdesk/call/end", calling.end, methods=["POST"]),
        Route(_SHARE + "/pause", holding.ask_pause, methods=["GET"]),
        Route(_SHARE + "/pause", holding.pause, methods=["POST"]),
        Route(_SHARE + "/resume", holding.resume, methods=["POST"]),
        Route(_SHARE + "/unlock", holding.unlock, methods=["POST"]),
        Route(_SHARE + "/stop", stopping.ask_stop, methods=["GET"]),
        Route(_SHARE + "/stop", stopping.stop, methods=["POST"]),
        Route("/helpdesk/everything", everything.ask, methods=["GET"]),
        Route("/helpdesk/everything", everything.pause, methods=["POST"]),
        Route("/helpdesk/many", many.ask, methods=["GET"]),
        Route("/helpdesk/many", many.propose, methods=["POST"]),
        Route("/helpdesk/many/find", many.find, methods=["POST"]),
        Route("/helpdesk/many/{number:str}", many.one, methods=["GET"]),
        Route("/helpdesk/many/{number:str}", many.confirm, methods=["POST"]),
    ]
