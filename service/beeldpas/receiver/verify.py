"""Comparing a download with the list inside it: what is missing, altered, renamed, or was never given.

Names are compared without regard to case, since media and programs change it. What a computer leaves in folders by
itself is named and does no harm; any other file that the list does not know does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from beeldpas.domain.errors import Malformed
from beeldpas.formats.hospitals import Hospital
from beeldpas.formats.manifest import LARGEST_BYTES, NAME, peek_manifest
from beeldpas.receiver.listing import Listed, Listing, read_listing
from beeldpas.receiver.port import Download, Fault, Member
from beeldpas.receiver.trust import Signature, Trust

_LEFT_BY_COMPUTERS = frozenset(
    {".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".directory", ".localized", "icon\r"}
)
_FOLDERS_OF_COMPUTERS = frozenset(
    {"__macosx", ".trashes", ".fseventsd", ".spotlight-v100", ".temporaryitems", "system volume information"}
    | {"$recycle.bin", "@eadir", "lost+found"}
)


class Verdict(StrEnum):
    """What the check comes to."""

    PROVEN = "proven"
    CONSISTENT = "consistent"
    FAULTY = "faulty"


@dataclass(slots=True)
class Result:
    """What was found. Names are as the download has them, or as the list has them for what is missing."""

    listing: Listing
    signature: Signature
    hospital: Hospital | None
    faults: list[Fault] = field(default_factory=list)
    right: dict[str, Listed] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    tolerated: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """Say what it comes to: anything wrong is faulty; nothing wrong is proven by the hospital's key only."""
        wrong = (self.faults, self.missing, self.altered, self.unreadable, self.renamed, self.extra)
        if any(wrong) or self.signature is Signature.INVALID:
            return Verdict.FAULTY
        return Verdict.PROVEN if self.signature is Signature.VALID else Verdict.CONSISTENT

    def arrived(self) -> Mapping[str, int]:
        """Return how many files of each study are there and unaltered."""
        counts = dict.fromkeys(self.listing.studies, 0)
        for listed in self.right.values():
            if listed.study_uid in counts and listed.path.startswith("DICOM/"):
                counts[listed.study_uid] += 1
        return counts


def verify(download: Download, trust: Trust) -> Result:
    """Check a download. Raises: Malformed when there is no list in it that can be read."""
    list_member = _the_list(download.members)
    content = _content(download, list_member)
    listing = read_listing(peek_manifest(content))
    result = Result(listing, *trust.judge(content, listing), faults=list(download.faults))
    prefix = list_member.name[: -len(NAME)]
    found = _by_name(download, list_member, prefix, result)
    lost = [
        listed for listed in listing.files if not _is_there(download, listed, found.pop(listed.path, None), result)
    ]
    _name_the_rest(download, lost, found, result)
    return result


def _the_list(members: Iterable[Member]) -> Member:
    lists = [one for one in members if one.name.upper().rpartition("/")[2] == NAME]
    if not lists:
        raise Malformed("no_manifest")
    depth = min(one.name.count("/") for one in lists)
    highest = [one for one in lists if one.name.count("/") == depth]
    if len(highest) > 1:
        raise Malformed("several_downloads")
    return highest[0]


def _by_name(download: Download, list_member: Member, prefix: str, result: Result) -> dict[str, Member]:
    """Return the files by the name that the list would give them; sort out what can have none."""
    found: dict[str, Member] = {}
    for member in download.members:
        if member is list_member:
            continue
        if _is_left_behind(member.name) and not _is_dicom(download, member):
            result.tolerated.append(member.name)
        elif not member.name.startswith(prefix):
            result.extra.append(member.name)
        elif found.setdefault(member.name[len(prefix) :].upper(), member) is not member:
            result.faults.append(Fault("twice", member.name))
    return found


def _is_there(download: Download, listed: Listed, member: Member | None, result: Result) -> bool:
    """Note a file that is right, altered or unreadable; return whether there is one at all."""
    if member is None:
        return False
    try:
        same = member.size == listed.size and _digest(download, member, listed.size) == listed.sha256
    except Malformed as error:
        (result.unreadable if error.reason == "packed_otherwise" else result.altered).append(member.name)
        return True
    if same:
        result.right[listed.path] = listed
    else:
        result.altered.append(member.name)
    return True


def _name_the_rest(download: Download, lost: list[Listed], found: dict[str, Member], result: Result) -> None:
    """Recognise files under another name; what is left is missing, or was never given."""
    sizes = {listed.size for listed in lost}
    names: dict[str, list[str]] = {}
    for name, member in found.items():
        if member.size in sizes:
            names.setdefault(_digest_if_readable(download, member), []).append(name)
    for listed in lost:
        if same := names.get(listed.sha256):
            result.renamed.append((listed.path, found.pop(same.pop()).name))
        else:
            result.missing.append(listed.path)
    result.extra += [member.name for member in found.values()]


def _digest_if_readable(download: Download, member: Member) -> str:
    try:
        return _digest(download, member, member.size)
    except Malformed:
        return ""


def _digest(download: Download, member: Member, size: int) -> str:
    """Hash a file; one byte more than it should have is enough to know."""
    hasher = sha256()
    for piece in download.read(member, size + 1):
        hasher.update(piece)
    return hasher.hexdigest()


def _content(download: Download, member: Member) -> bytes:
    """Read the list, unless it is longer than any hospital makes one, whatever the container says."""
    content = bytearray()
    if member.size <= LARGEST_BYTES:
        for piece in download.read(member, LARGEST_BYTES + 1):
            content += piece
    if not 0 < len(content) <= LARGEST_BYTES:
        raise Malformed("manifest")
    return bytes(content)


def _is_dicom(download: Download, member: Member) -> bool:
    """Say whether a program that imports a folder would take this file for an image, whatever it is called."""
    try:
        return b"".join(download.read(member, 132))[128:] == b"DICM"
    except Malformed:
        return True


def _is_left_behind(name: str) -> bool:
    parts = name.lower().split("/")
    return (
        parts[-1] in _LEFT_BY_COMPUTERS
        or parts[-1].startswith("._")
        or any(part in _FOLDERS_OF_COMPUTERS for part in parts[:-1])
    )
