"""The proof that one event is in a log, as a text that anybody can check with public keys alone.

    c2sp.org/tlog-proof@v1
    extra base64(JSON of the record and its salt)
    index place
    base64 of each hash of the path
    (an empty line)
    the checkpoint, with the witnesses' words below it

*Source:* C2SP tlog-proof; RFC 6962 §2.1.1.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from beeldpas.audit.checkpoint import Checkpoint, cosigners, read_checkpoint
from beeldpas.audit.leaf import commitment, leaf_hash
from beeldpas.audit.note import Kind, Note, Verifier, is_signed, read_note
from beeldpas.audit.tree import is_included
from beeldpas.domain.errors import Malformed

FIRST_LINE = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Keys:
    """The public keys that somebody believes: of logs, and of witnesses."""

    logs: tuple[Verifier, ...]
    witnesses: tuple[Verifier, ...]

    @classmethod
    def of(cls, verifiers: Iterable[Verifier]) -> "Keys":
        """Sort keys by what they sign."""
        known = tuple(verifiers)
        return cls(
            tuple(one for one in known if one.kind is Kind.ED25519),
            tuple(one for one in known if one.kind is Kind.COSIGNATURE),
        )

    @classmethod
    def read(cls, text: str) -> "Keys":
        """Read one key a line; empty lines and lines that begin with # say nothing. Raises: Malformed."""
        lines = (line.strip() for line in text.splitlines())
        return cls.of(Verifier.read(line) for line in lines if line and not line.startswith("#"))

    def of_log(self, origin: str) -> tuple[Verifier, ...]:
        """Return the keys that a log may have signed with."""
        return tuple(one for one in self.logs if one.name == origin)


@dataclass(frozen=True, slots=True)
class Proof:
    """A record with its salt and place, the path to the root, and the checkpoint that names the root."""

    record: str
    salt: bytes
    place: int
    path: tuple[bytes, ...]
    note: Note

    def __str__(self) -> str:
        """The text that is handed over."""
        extra = json.dumps({"record": self.record, "salt": self.salt.hex()}, ensure_ascii=False)
        lines = [FIRST_LINE, f"extra {b64encode(extra.encode()).decode()}", f"index {self.place}"]
        lines += [b64encode(one).decode() for one in self.path]
        return "\n".join(lines) + f"\n\n{self.note}"


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof shows: the record, its place, in which tree, and which witnesses saw that tree when."""

    record: dict[str, Any]
    place: int
    checkpoint: Checkpoint
    witnesses: dict[str, datetime]


def read_proof(text: str) -> Proof:
    """Read a proof. Not checked: whether it holds. Raises: Malformed("proof", "note")."""
    head, parted, note = text.partition("\n\n")
    lines = head.split("\n")
    try:
        if not parted or lines[0] != FIRST_LINE or not lines[2].removeprefix("index ").isdecimal():
            raise Malformed("proof")
        extra = json.loads(b64decode(lines[1].removeprefix("extra "), validate=True))
        path = tuple(b64decode(line, validate=True) for line in lines[3:])
        record, salt = extra["record"], bytes.fromhex(extra["salt"])
        if not isinstance(record, str):
            raise Malformed("proof")
        return Proof(record, salt, int(lines[2].removeprefix("index ")), path, read_note(note))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Malformed("proof") from error


def check_proof(proof: Proof, keys: Keys) -> Proven:
    """Check a proof with these keys and nothing else.

    Raises: Malformed("unknown_log", "not_signed", "not_in_tree", "proof").
    """
    checkpoint = read_checkpoint(proof.note.text)
    verifiers = keys.of_log(checkpoint.origin)
    if not verifiers:
        raise Malformed("unknown_log", {"log": checkpoint.origin})
    if not is_signed(proof.note, verifiers):
        raise Malformed("not_signed")
    leaf = leaf_hash(commitment(proof.salt, proof.record))
    if not is_included(leaf, proof.place, checkpoint.size, proof.path, checkpoint.root):
        raise Malformed("not_in_tree")
    try:
        record = json.loads(proof.record)
    except ValueError as error:
        raise Malformed("proof") from error
    return Proven(record, proof.place, checkpoint, cosigners(proof.note, keys.witnesses))
