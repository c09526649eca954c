"""The authorization server: tokens for gateways, the keys to check them with, status lists, and reported uses.

*Source:* docs/wire.md §4 to §6; RFC 6749, RFC 8414, RFC 9068, draft-ietf-oauth-status-list.
"""

from starlette.routing import Route

from beeldpas.portal.authorization.published import jwks, server_metadata
from beeldpas.portal.authorization.status import StatusLists
from beeldpas.portal.authorization.token import token
from beeldpas.portal.authorization.uses import uses

__all__ = ["routes"]


def routes() -> list[Route]:
    """Return the routes for machines; each takes the house from `request.app.state.house`."""
    return [
        Route("/token", token, methods=["POST"]),
        Route("/jwks.json", jwks, methods=["GET"]),
        Route("/.well-known/oauth-authorization-server", server_metadata, methods=["GET"]),
        Route("/status/{gateway_id}", StatusLists().answer, methods=["GET"]),
        Route("/uses", uses, methods=["POST"]),
    ]
