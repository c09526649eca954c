"""The addresses of the care provider's door."""

from starlette.routing import BaseRoute, Route

from beeldpas.portal.provider import link, overview, progress, reading, signing, viewer_token, viewing


def routes() -> list[BaseRoute]:
    """Return all routes of this door."""
    return [
        Route("/s", link.link, methods=["GET"]),
        Route("/s", link.open_share, methods=["POST"]),
        Route("/provider/sign-in", signing.to_care_login, methods=["GET"]),
        Route("/callback/zorg", signing.from_care_login, methods=["GET"]),
        Route("/provider/workplace", signing.workplace, methods=["GET"]),
        Route("/provider/workplace", signing.choose_workplace, methods=["POST"]),
        Route("/provider/sign-out", signing.leave, methods=["POST"]),
        Route("/provider/signed-out", signing.signed_out, methods=["GET"]),
        Route("/provider/shares/{share_id:str}", overview.overview, methods=["GET"]),
        Route("/provider/shares/{share_id:str}/download", overview.download, methods=["POST"]),
        Route("/provider/shares/{share_id:str}/reports", reading.report, methods=["POST"]),
        Route("/provider/shares/{share_id:str}/progress", progress.progress, methods=["GET"]),
        Route("/provider/shares/{share_id:str}/view", viewing.look, methods=["POST"]),
        Route("/provider/view/{handle:str}", viewing.viewer, methods=["GET"]),
        Route("/viewer-token", viewer_token.viewer_token, methods=["POST"]),
    ]
