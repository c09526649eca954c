"""What a page may load, and where it may reach: one content security policy for each kind of page.

Only pages that show images may ask hospitals for anything, and only those whose images they show; only the viewer may
compile WebAssembly (its decoders). *Source:* CSP Level 3 §6; docs/decisions/0035-viewer-pages.md.
"""

from collections.abc import Collection
from typing import Literal
from urllib.parse import urlsplit

from starlette.responses import Response

from beeldpas.portal.house import House

Policy = Literal["plain", "thumbnails", "viewer"]
POLICIES: tuple[Policy, ...] = ("plain", "thumbnails", "viewer")
HEADER = "Content-Security-Policy"
# A worker is held to the policy that its own file came with, not to its page's. The viewer's compiles decoders that
# lie beside it. *Source:* CSP Level 3 §4.2.1; HTML Living Standard §10.2.4 (run a worker).
WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"


def content_security_policy(house: House, policy: Policy = "plain", images_from: Collection[str] = ()) -> str:
    """Return the header's value; `images_from` are the hospitals (by id) whose images the page shows.

    A form that is answered with a redirect is held to `form-action` too: downloads lead to the hospitals, signing in
    from the link page, signing in anew and signing out to the providers. *Source:* CSP Level 3 §6.4.
    """
    settings = house.settings
    known = house.directory.hospitals
    hospitals = [_origin(hospital.base_url) for hospital in known]
    reached = [_origin(hospital.base_url) for hospital in known if hospital.gateway_id in images_from]
    providers = [_origin(one.issuer) for one in (settings.digid, settings.zorg, settings.staff)]
    shows_images = policy != "plain"
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *(["'wasm-unsafe-eval'"] if policy == "viewer" else [])],
        **({"worker-src": ["'self'"]} if policy == "viewer" else {}),
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        # What was fetched with a token becomes a picture by an object URL; no address of a hospital is one.
        # Colour JPEG is decoded by the browser itself, which the viewer's loader asks by a data URL.
        "img-src": ["'self'", *(["blob:"] if shows_images else []), *(["data:"] if policy == "viewer" else [])],
        "connect-src": ["'self'", *(reached if shows_images else [])],
        # A report that is a PDF stands beside the images.
        "frame-src": ["'self'", *(["blob:"] if policy == "viewer" else [])],
        "form-action": ["'self'", *dict.fromkeys([*providers, *hospitals])],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def allow(response: Response, house: House, policy: Policy, images_from: Collection[str]) -> Response:
    """Give an answer another policy than the plain one, which every answer has that says nothing."""
    response.headers[HEADER] = content_security_policy(house, policy, images_from)
    return response


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
