"""What a log says of itself: how long it is and what its root is, signed; and what a witness adds below it.

A log is named by the address of its program: `portal.example/log`. A witness is named by its own, and says: as of
this second, this is the largest tree of that log that I have seen, and it grew out of the ones that I saw before.
*Source:* C2SP tlog-checkpoint (three lines), C2SP tlog-cosignature (Ed25519, "cosignature/v1", timestamped).
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc.jwk import KeySet

from beeldpas.audit.note import Kind, Note, Signature, Verifier, is_signed, read_note
from beeldpas.audit.tree import HASH_BYTES
from beeldpas.domain.errors import Malformed

_TIME_BYTES = 8
_MOST_DIGITS = 18
_SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log at one moment: its name, how many events, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """Read the three lines; lines after them are not ours to judge. Raises: Malformed("checkpoint")."""
    lines = text.split("\n")
    try:
        origin, size, root = lines[0], lines[1], b64decode(lines[2], validate=True)
    except (IndexError, ValueError) as error:
        raise Malformed("checkpoint") from error
    if not origin or not _is_size(size) or len(root) != HASH_BYTES:
        raise Malformed("checkpoint")
    return Checkpoint(origin, int(size), root)


def _is_size(text: str) -> bool:
    """Say whether this is a number as it is written in a checkpoint, of less than 2^63."""
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS and str(int(text)) == text


@dataclass(frozen=True, slots=True)
class LogKeys:
    """Who a log is: its name, the key that it signs with (None to read only), and all keys that count as its own."""

    origin: str
    private: Ed25519PrivateKey | None
    verifiers: tuple[Verifier, ...]

    @classmethod
    def of(cls, base_url: str, keys: KeySet) -> "LogKeys":
        """Take the keys of the program at this address; the first signs. Raises: Malformed("key_file")."""
        origin = origin_of(base_url)
        first = keys.keys[0] if keys.keys else None
        private = getattr(first, "private_key", None)
        signs = private if isinstance(private, Ed25519PrivateKey) else None
        return cls(origin, signs, verifiers_of(origin, keys, Kind.ED25519))

    def sign(self, checkpoint: Checkpoint) -> Note:
        """Sign what this log is now. Raises: Malformed("key_file") without a private key."""
        if self.private is None:
            raise Malformed("key_file")
        text = checkpoint.text
        value = self.private.sign(text.encode())
        return Note(text, (Signature(self.origin, self.verifiers[0].key_id, value),))

    def read(self, text: str) -> tuple[Checkpoint, Note]:
        """Read a checkpoint of this log. Raises: Malformed("note", "checkpoint", "not_this_log", "not_signed")."""
        note = read_note(text)
        checkpoint = read_checkpoint(note.text)
        if checkpoint.origin != self.origin:
            raise Malformed("not_this_log")
        if not is_signed(note, self.verifiers):
            raise Malformed("not_signed")
        return checkpoint, note


def origin_of(base_url: str) -> str:
    """Return the name of the log of the program at this address."""
    return f"{witness_name(base_url)}/log"


def witness_name(base_url: str) -> str:
    """Return the name of the program at this address as a witness."""
    place = urlsplit(base_url)
    return f"{place.netloc}{place.path.rstrip('/')}"


def verifiers_of(name: str, keys: KeySet, kind: Kind) -> tuple[Verifier, ...]:
    """Return the public halves of these keys. Raises: Malformed("key_file") when one is no Ed25519 key."""
    found = [getattr(key, "public_key", None) for key in keys.keys]
    if not found or not all(isinstance(one, Ed25519PublicKey) for one in found):
        raise Malformed("key_file")
    return tuple(Verifier(name, kind, one) for one in found if isinstance(one, Ed25519PublicKey))


def cosign(text: str, name: str, private: Ed25519PrivateKey, now: datetime) -> Signature:
    """Add a witness's word to the text of a checkpoint; it must have checked before."""
    seconds = int(now.timestamp())
    value = seconds.to_bytes(_TIME_BYTES) + private.sign(_cosigned(text, seconds))
    return Signature(name, Verifier(name, Kind.COSIGNATURE, private.public_key()).key_id, value)


def cosigned_at(text: str, line: Signature, verifier: Verifier) -> datetime | None:
    """Return when this witness said so of this text; None when the line is not its, or not over this text."""
    if not verifier.made(line) or len(line.value) != _TIME_BYTES + _SIGNATURE_BYTES:
        return None
    seconds = int.from_bytes(line.value[:_TIME_BYTES])
    if seconds >= 1 << 40 or not verifier.holds(line.value[_TIME_BYTES:], _cosigned(text, seconds)):
        return None
    return datetime.fromtimestamp(seconds, UTC)


def cosigners(note: Note, verifiers: Iterable[Verifier]) -> dict[str, datetime]:
    """Return the witnesses whose word stands below a checkpoint, and when each gave it."""
    given = ((one.name, cosigned_at(note.text, line, one)) for one in verifiers for line in note.signatures)
    return {name: at for name, at in given if at is not None}


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
