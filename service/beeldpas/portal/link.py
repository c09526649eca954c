"""The share link: the code in a signed envelope, in the fragment, which browsers do not send to servers.

A forged envelope costs no look-up in the database. Mail programs do rewrite links, so everything that people
paste is read: the whole link, the envelope alone, or the code as it stands in the letter.
"""

import re
from hashlib import sha256
from urllib.parse import unquote

from itsdangerous import BadSignature, Signer

from beeldpas.domain.codes import ShareCode
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.portal.secrets import Secrets

LINK_PATH = "/s"
_ENVELOPE = re.compile(r"[0-9A-Z]{17}\.[A-Za-z0-9_-]{43}")
_SALT = b"beeldpas.share-link"


def seal_link(secrets: Secrets, base_url: str, code: ShareCode) -> str:
    """Return the link that a patient hands over; it is as secret as the code."""
    return f"{base_url}{LINK_PATH}#{_signer(secrets).sign(code.reveal()).decode()}"


def open_link(secrets: Secrets, text: str) -> ShareCode:
    """Read the code out of a link, an envelope or typed text.

    Raises: Malformed("code_mistyped"); Malformed("link_stripped") for a link that lost its end;
    Refused("code_unknown") for an envelope that we did not sign.
    """
    plain = unquote(text).strip()
    address, hash_sign, fragment = plain.rpartition("#")
    if not hash_sign and "://" in plain:
        raise Malformed("link_stripped")
    if hash_sign and address and not fragment:
        raise Malformed("link_stripped")
    envelope = fragment.strip()
    if not _ENVELOPE.fullmatch(envelope):
        return ShareCode.parse(envelope)
    try:
        return ShareCode.parse(_signer(secrets).unsign(envelope).decode())
    except BadSignature as error:
        raise Refused("code_unknown") from error


def _signer(secrets: Secrets) -> Signer:
    oldest_first = list(reversed(secrets.link.values))
    return Signer(oldest_first, salt=_SALT, key_derivation="hmac", digest_method=sha256)
