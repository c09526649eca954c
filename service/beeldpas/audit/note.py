"""A signed note: a short text that people can read too, with a line for each signature below it.

    text
    (an empty line)
    — name base64(key id ‖ signature)

Who reads a note names the keys that it believes; lines of other keys count for nothing, a line of a believed key that
does not fit makes the note worthless.
*Source:* C2SP signed-note (form, key ids, `name+id+key` of a verifier), RFC 8032 (Ed25519).
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from beeldpas.domain.errors import Malformed

_DASH = "\N{EM DASH} "
_ID_BYTES = 4
_LONGEST = 1_000_000


class Kind(IntEnum):
    """What a key signs: the note's text itself, or that its owner saw the log grow up to it, and when."""

    ED25519 = 1
    COSIGNATURE = 4


@dataclass(frozen=True, slots=True)
class Signature:
    """One line below a note."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        """The line, without its end."""
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.value).decode()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and the signatures below it. Not checked: any of them."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """The note as it is sent and kept."""
        return "".join([self.text, "\n", *(f"{one}\n" for one in self.signatures)])


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under the name of its owner."""

    name: str
    kind: Kind
    public: Ed25519PublicKey

    @classmethod
    def read(cls, text: str) -> "Verifier":
        """Read `name+id+key`. Raises: Malformed("verifier_key") when it is none, or its id is another key's."""
        try:
            name, key_id, encoded = text.strip().split("+", 2)
            kind, *public = b64decode(encoded, validate=True)
            found = cls(name, Kind(kind), Ed25519PublicKey.from_public_bytes(bytes(public)))
        except ValueError as error:
            raise Malformed("verifier_key") from error
        if not name or found.key_id.hex() != key_id:
            raise Malformed("verifier_key")
        return found

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature line names this key."""
        return sha256(self.name.encode() + b"\n" + self._encoded).digest()[:_ID_BYTES]

    @property
    def _encoded(self) -> bytes:
        return bytes([self.kind]) + self.public.public_bytes(Encoding.Raw, PublicFormat.Raw)

    def __str__(self) -> str:
        """The key as a text that may be published."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(self._encoded).decode()}"

    def made(self, signature: Signature) -> bool:
        """Say whether the line names this key; whether it is good is another question."""
        return (signature.name, signature.key_id) == (self.name, self.key_id)

    def holds(self, signature: bytes, message: bytes) -> bool:
        """Say whether the signature is this key's, over this message."""
        try:
            self.public.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def read_note(text: str) -> Note:
    """Take a note apart. Raises: Malformed("note")."""
    body, parted, lines = text.rpartition("\n\n")
    if not parted or len(text) > _LONGEST or not lines.endswith("\n") or any(c < " " and c != "\n" for c in text):
        raise Malformed("note")
    return Note(body + "\n", tuple(read_signature(line) for line in lines.removesuffix("\n").split("\n")))


def read_signature(line: str) -> Signature:
    """Read one line below a note. Raises: Malformed("note")."""
    try:
        name, encoded = line.removeprefix(_DASH).split(" ")
        value = b64decode(encoded, validate=True)
    except ValueError as error:
        raise Malformed("note") from error
    if not line.startswith(_DASH) or not name or "+" in name or len(value) <= _ID_BYTES:
        raise Malformed("note")
    return Signature(name, value[:_ID_BYTES], value[_ID_BYTES:])


def is_signed(note: Note, verifiers: Iterable[Verifier]) -> bool:
    """Say whether one of these keys signed the text, and none of them signed something else."""
    known = [(one, line) for one in verifiers for line in note.signatures if one.made(line)]
    return bool(known) and all(one.holds(line.value, note.text.encode()) for one, line in known)
