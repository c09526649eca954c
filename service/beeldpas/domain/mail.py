"""An e-mail address as somebody typed it: read strictly, since it ends up in the head of a message.

*Source:* RFC 5321 §4.5.3.1 (64 and 255 octets), RFC 5322 §3.2.3 (atoms); quoted local parts are refused.
"""

import re
from typing import Self

from beeldpas.domain.errors import Malformed
from beeldpas.domain.secret import Secret

_LONGEST, _LONGEST_LOCAL = 254, 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})+")


class MailAddress(Secret):
    """An address that fits into an SMTP command and a header as it is. Made by `parse` only."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the address; a domain in other letters becomes its ASCII form.

        Raises: Malformed("address_mistyped") for anything that is not one plain address.
        """
        local, at, domain = text.strip().rpartition("@")
        try:
            ascii_domain = domain.encode("idna").decode("ascii").lower()
        except UnicodeError as error:
            raise Malformed("address_mistyped") from error
        whole = f"{local}@{ascii_domain}"
        fits = at and len(local) <= _LONGEST_LOCAL and len(whole) <= _LONGEST
        if not (fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(ascii_domain)):
            raise Malformed("address_mistyped")
        return cls(whole)
