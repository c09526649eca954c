"""Which instances a study has, taken out of what a hospital publishes and kept small beside it.

They are most of what is told of a study, and a history needs none of them: so they are checked, packed and kept
apart. Packed, they are lines of UIDs, compressed: `/` begins a series, `=` a SOP class, and the instances follow in
their order.
*Source:* FHIR R4 ImagingStudy.series.instance; docs/wire.md §2.
"""

import zlib
from collections.abc import Iterable, Mapping

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.domain.uid import is_uid
from beeldpas.formats.fhir import systems
from beeldpas.formats.fhir.publication import PublishedInstance, instance_element
from beeldpas.formats.fhir.text import Resource

MOST = 20_000
_FIELDS = {"uid", "sopClass"}
_CODED = {"system", "code"}
Lists = Mapping[str, tuple[PublishedInstance, ...]]  # by series, in the order of the study


def taken_apart(study: Resource) -> tuple[Resource, Lists]:
    """Return an ImagingStudy without its instances, and those; none when it lists none.

    Raises: Malformed("invalid_resource") unless every series lists as many as it says that it has, each once and by
    its UIDs alone; or for more than 20,000 together.
    """
    series = study.get("series")
    if not isinstance(series, list) or not any(isinstance(one, dict) and "instance" in one for one in series):
        return study, {}
    lists: dict[str, tuple[PublishedInstance, ...]] = {}
    for index, one in enumerate(series):
        where = f"ImagingStudy.series[{index}].instance"
        listed = one.get("instance") if isinstance(one, dict) else None
        if not isinstance(listed, list) or not listed or len(listed) != one.get("numberOfInstances"):
            raise Malformed("invalid_resource", {"where": where})
        lists[str(one.get("uid"))] = tuple(_instance(each, where) for each in listed)
    if len(lists) != len(series):
        raise Malformed("invalid_resource", {"where": "ImagingStudy.series: one UID twice"})
    named = [each.sop_uid for listed in lists.values() for each in listed]
    if len(set(named)) != len(named) or len(named) > MOST:
        raise Malformed("invalid_resource", {"where": "ImagingStudy.series.instance: one UID twice, or too many"})
    bare = [{name: value for name, value in one.items() if name != "instance"} for one in series]
    return {**study, "series": bare}, lists


def put_together(study: Resource, lists: Lists) -> Resource:
    """Return an ImagingStudy with its instances in it, as it was published."""
    if not lists:
        return study
    series = [{**one, "instance": [instance_element(each) for each in lists[one["uid"]]]} for one in study["series"]]
    return {**study, "series": series}


def names(lists: Lists, person: BSN) -> bool:
    """Say whether a UID has somebody's number in it, as a part of its own: some systems make UIDs of numbers."""
    number = person.reveal()
    known = {number, number.lstrip("0")}
    return any(known & {*each.sop_uid.split(".")} for listed in lists.values() for each in listed)


def pack(lists: Lists) -> bytes:
    """Return lists of instances as few bytes; b"" of none."""
    return zlib.compress("\n".join(_lines(lists)).encode(), 9) if lists else b""


def unpack(packed: bytes) -> Lists:
    """Return the lists that were packed here. Not for bytes of anybody else."""
    found: dict[str, list[PublishedInstance]] = {}
    series, sop_class = "", ""
    for line in zlib.decompress(packed).decode().split("\n") if packed else ():
        if line[0] == "/":
            series = line[1:]
            found[series] = []
        elif line[0] == "=":
            sop_class = line[1:]
        else:
            found[series].append(PublishedInstance(line, sop_class))
    return {uid: tuple(listed) for uid, listed in found.items()}


def _lines(lists: Lists) -> Iterable[str]:
    sop_class = ""
    for series, listed in lists.items():
        yield f"/{series}"
        for one in listed:
            if one.sop_class != sop_class:
                sop_class = one.sop_class
                yield f"={sop_class}"
            yield one.sop_uid


def _instance(element: object, where: str) -> PublishedInstance:
    coded = element.get("sopClass") if isinstance(element, dict) else None
    if not isinstance(element, dict) or not isinstance(coded, dict):
        raise Malformed("invalid_resource", {"where": where})
    uid, code = element.get("uid"), coded.get("code")
    if set(element) != _FIELDS or set(coded) != _CODED or coded["system"] != systems.URI:
        raise Malformed("invalid_resource", {"where": where})
    sop_class = code.removeprefix(systems.OID_PREFIX) if isinstance(code, str) else ""
    if not isinstance(uid, str) or not is_uid(uid) or not is_uid(sop_class) or sop_class == code:
        raise Malformed("invalid_resource", {"where": where})
    return PublishedInstance(uid, sop_class)
