"""A share whose code and PIN were just made: the only moment at which the portal knows them."""

from dataclasses import dataclass, replace
from datetime import datetime
from secrets import randbelow, token_bytes

from beeldpas.domain.codes import CODE_BYTES, PIN, PIN_DIGITS, ShareCode
from beeldpas.portal.fingerprint import fingerprint
from beeldpas.portal.house import House
from beeldpas.portal.pin import hash_pin
from beeldpas.portal.store.shares import StoredShare


@dataclass(frozen=True, slots=True)
class MadeShare:
    """What the door shows once, and keeps sealed in the session for fifteen minutes."""

    share_id: str
    reference: str
    code: ShareCode
    pin: PIN
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewKeys:
    """A new code and PIN, and what is kept of them."""

    code: ShareCode
    pin: PIN
    code_fingerprint: str
    pin_hash: str

    def of(self, share: StoredShare) -> MadeShare:
        """Return what the patient gets for this share."""
        return MadeShare(share.share_id, share.reference, self.code, self.pin, share.expires_at)

    def put_on(self, share: StoredShare) -> StoredShare:
        """Return the share with this code and PIN, and all its attempts."""
        return replace(share, code_fingerprint=self.code_fingerprint, pin_hash=self.pin_hash, attempts_spent=0)


async def make_keys(house: House, share_id: str) -> NewKeys:
    """Make a random code and PIN; outside any transaction, since hashing the PIN takes its time."""
    code = ShareCode.new(token_bytes(CODE_BYTES))
    pin = PIN.new(randbelow(10**PIN_DIGITS))
    return NewKeys(code, pin, fingerprint(house.secrets, code), await hash_pin(house.secrets, share_id, pin))
