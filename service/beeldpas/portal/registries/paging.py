"""All pages of one answer to a search: a server may say where the next page is, but not on whose server.

*Source:* FHIR R4 §3.1.1.4.5 (paging by `next` links).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx2

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.opening import next_link
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.hospitals import is_below

MAX_PAGES = 50


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages that came; `complete` is False when there is one more that was not fetched."""

    bundles: tuple[Resource, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Search:
    """A search of one source: `address` is where it was sent, `base_url` what its pages must lie below."""

    source: str
    base_url: str
    address: str
    bsn: BSN


async def all_pages(
    search: Search, first: httpx2.Response, follow: Callable[[str], Awaitable[httpx2.Response]]
) -> Pages:
    """Return every page from the first on; `follow` fetches the address of a further one.

    A link to anywhere else, one that was followed already or one with the BSN in it is not followed.
    Raises: Unavailable("unreadable") for a page that is no JSON object.
    """
    pages, seen, here = [_read(search.source, first)], set[str](), search.address
    while link := next_link(pages[-1]):
        here = urljoin(here, link)
        unfit = here in seen or not is_below(here, search.base_url) or search.bsn.reveal() in here
        if unfit or len(pages) == MAX_PAGES:
            return Pages(tuple(pages), complete=False)
        seen.add(here)
        pages.append(_read(search.source, await follow(here)))
    return Pages(tuple(pages), complete=True)


def _read(source: str, response: httpx2.Response) -> Resource:
    try:
        return text.parse(response.content)
    except Malformed as error:
        raise Unavailable(source, retryable=False, reason="unreadable") from error
