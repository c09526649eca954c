"""What a check found, in sentences for whoever has the download, and as JSON for a program.

Names come from the download: what does not print is shown as a question mark, so that none of it steers a terminal.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from beeldpas.receiver.trust import Signature
from beeldpas.receiver.verify import Result, Verdict

_MOST_NAMES = 20
_WORDS: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "proven": "IN ORDE. Alles is er en niets is veranderd sinds {hospital} het gaf.",
        "consistent": "NIET BEWEZEN. De bestanden kloppen met de lijst die erbij zit, maar van wie is onbekend.",
        "faulty": "NIET IN ORDE. Lees deze beelden niet in.",
        "amount": "{right} van {listed} bestanden zijn goed.",
        "study": "Onderzoek {uid}: {right} van {count} bestanden.",
        "unchecked": "Geef met --keys de sleutels van het ziekenhuis; die staan op {url}/jwks.json.",
        "unknown_hospital": "{url} staat niet in de lijst van ziekenhuizen die u gaf.",
        "invalid": "De handtekening klopt niet: de lijst is veranderd, of niet gemaakt met de sleutels die u gaf.",
        "missing": "Ontbreekt",
        "altered": "Veranderd of beschadigd",
        "unreadable": "Zo ingepakt dat het niet te controleren is",
        "extra": "Hoort er niet bij; niet van het ziekenhuis",
        "tolerated": "Door een computer neergezet; dit is geen fout",
        "renamed": "Heet nu anders",
        "more": "en nog {count}",
        "broken_off": "Het zip-bestand houdt te vroeg op: de download is afgebroken of gestopt.",
        "directory": "De inhoudsopgave van het zip-bestand is beschadigd.",
        "in_front": "Er staat iets vóór het zip-bestand dat daar niet hoort.",
        "behind": "Er staat iets achter het zip-bestand dat daar niet hoort.",
        "overlap": "Bestanden in het zip-bestand liggen over elkaar: {name}",
        "twice": "Komt twee keer voor: {name}",
        "no_file": "Is geen gewoon bestand: {name}",
        "again": "Download opnieuw. Lukt het niet? Bel {hospital}{phone}.",
    },
    "en": {
        "proven": "ALL IS WELL. Everything is there, and nothing was altered since {hospital} gave it.",
        "consistent": "NOT PROVEN. The files agree with the list inside, but whose list that is, is not known.",
        "faulty": "NOT IN ORDER. Do not import these images.",
        "amount": "{right} of {listed} files are right.",
        "study": "Examination {uid}: {right} of {count} files.",
        "unchecked": "Give the hospital's keys with --keys; they are at {url}/jwks.json.",
        "unknown_hospital": "{url} is not in the list of hospitals that you gave.",
        "invalid": "The signature is wrong: the list was altered, or was not made with the keys that you gave.",
        "missing": "Missing",
        "altered": "Altered or damaged",
        "unreadable": "Packed in a way that cannot be checked",
        "extra": "Does not belong here; not from the hospital",
        "tolerated": "Put there by a computer; this is no fault",
        "renamed": "Has another name now",
        "more": "and {count} more",
        "broken_off": "The ZIP file ends too early: the download broke off or was stopped.",
        "directory": "The directory of the ZIP file is damaged.",
        "in_front": "There is something in front of the ZIP file that does not belong there.",
        "behind": "There is something behind the ZIP file that does not belong there.",
        "overlap": "Files in the ZIP file lie on top of each other: {name}",
        "twice": "Is there twice: {name}",
        "no_file": "Is not an ordinary file: {name}",
        "again": "Download again. Does it not work? Phone {hospital}{phone}.",
    },
}
FAILURES: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "zip": "dit is geen zip-bestand, of het begin ervan is beschadigd",
        "zip_too_large": "dit zip-bestand bevat meer dan een download ooit bevat",
        "folder": "deze map is niet te lezen",
        "folder_too_large": "deze map bevat meer dan een download ooit bevat",
        "no_manifest": "MANIFEST.JSN ontbreekt: zonder die lijst valt er niets te controleren",
        "several_downloads": "hier staan meer downloads bij elkaar: geef er één",
        "manifest": "MANIFEST.JSN is beschadigd, of is geen lijst van een download",
        "damaged": "MANIFEST.JSN is niet te lezen",
        "packed_otherwise": "dit zip-bestand is versleuteld of zo ingepakt dat het niet te controleren is",
        "keys": "de sleutels zijn niet te lezen: geef een JWK-set (JSON) of een lijst van ziekenhuizen (TOML)",
        "not_found": "dit bestand is er niet, of is niet te openen",
    },
    "en": {
        "zip": "this is no ZIP file, or its beginning is damaged",
        "zip_too_large": "this ZIP file holds more than a download ever holds",
        "folder": "this folder cannot be read",
        "folder_too_large": "this folder holds more than a download ever holds",
        "no_manifest": "MANIFEST.JSN is missing: without that list there is nothing to check against",
        "several_downloads": "there are several downloads here: give one of them",
        "manifest": "MANIFEST.JSN is damaged, or is not the list of a download",
        "damaged": "MANIFEST.JSN cannot be read",
        "packed_otherwise": "this ZIP file is encrypted, or packed in a way that cannot be checked",
        "keys": "the keys cannot be read: give a JWK set (JSON) or a directory of hospitals (TOML)",
        "not_found": "this file is not there, or cannot be opened",
    },
}


def sentences(result: Result, language: str) -> Iterator[str]:
    """Say what was found, the most important first."""
    words, listing = _WORDS[language], result.listing
    hospital = result.hospital.name if result.hospital else listing.hospital
    phone = f": {result.hospital.phone}" if result.hospital else ""
    yield words[result.verdict].format(hospital=printable(hospital))
    yield words["amount"].format(right=len(result.right), listed=len(listing.files))
    if result.signature is not Signature.VALID:
        yield words[result.signature].format(url=printable(listing.url))
    for fault in result.faults[:_MOST_NAMES]:
        yield words[fault.kind].format(name=printable(fault.name))
    arrived = result.arrived()
    for uid, count in listing.studies.items():
        if arrived[uid] < count:
            yield words["study"].format(uid=printable(uid), right=arrived[uid], count=count)
    for kind, names in _groups(result).items():
        yield from _named(words[kind], names, words)
    if result.verdict is Verdict.FAULTY:
        yield words["again"].format(hospital=printable(hospital), phone=printable(phone))


def as_json(result: Result) -> dict[str, Any]:
    """Return the same for a program."""
    arrived = result.arrived()
    return {
        "verdict": str(result.verdict),
        "signature": str(result.signature),
        "hospital": {"name": result.listing.hospital, "id": result.listing.gateway_id, "url": result.listing.url},
        "files": {"listed": len(result.listing.files), "right": len(result.right)},
        "studies": [
            {"uid": uid, "listed": count, "right": arrived[uid]} for uid, count in result.listing.studies.items()
        ],
        "faults": [{"kind": fault.kind, "name": fault.name} for fault in result.faults],
        **{kind: names for kind, names in _groups(result).items() if kind != "renamed"},
        "renamed": [{"from": listed, "to": name} for listed, name in result.renamed],
    }


def printable(text: str) -> str:
    """Return text that does nothing to a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _groups(result: Result) -> dict[str, list[str]]:
    return {
        "missing": result.missing,
        "altered": result.altered,
        "unreadable": result.unreadable,
        "renamed": [f"{listed} -> {name}" for listed, name in result.renamed],
        "extra": result.extra,
        "tolerated": result.tolerated,
    }


def _named(title: str, names: Sequence[str], words: Mapping[str, str]) -> Iterator[str]:
    if not names:
        return
    yield f"{title}:"
    yield from (f"    {printable(name)}" for name in names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        yield "    " + words["more"].format(count=len(names) - _MOST_NAMES)
