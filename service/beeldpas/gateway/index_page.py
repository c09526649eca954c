"""INDEX.HTM: what a download holds, for a person with a browser and no network.

Plain HTML in both languages, the receiver's first; no script and nothing from elsewhere, which its policy forbids
too. Unlike README.TXT it names the patient: who imports images must see whose they are (docs/decisions/0018).
*Source:* IHE PDI (INDEX.HTM beside a DICOMDIR), WCAG 2.2 (language of parts, headers of tables).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from beeldpas.formats.dicom import dicom_date
from beeldpas.formats.html_text import shown
from beeldpas.gateway.change_words import Section
from beeldpas.gateway.holdings import HeldSeries, HeldStudy
from beeldpas.gateway.index_words import WORDS, Words
from beeldpas.gateway.readme import SOFTWARE, Giver

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = (
    "body{font:1rem/1.5 sans-serif;color:#1a1a1a;background:#fff;max-width:56rem;margin:0 auto;padding:1rem;"
    "overflow-wrap:break-word}dd,li,.d{overflow-wrap:anywhere}a{color:#0b4f9e}h1{line-height:1.2}"
    "section+section{border-top:.25rem solid;margin-top:3rem}"
    "article{border:1px solid #767676;border-radius:.25rem;padding:0 1rem 1rem;margin:1rem 0}"
    "dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.25rem 1rem}"
    "dt{font-weight:bold}dd{margin:0}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.25rem .5rem .25rem 0;border-bottom:1px solid #c4c4c4}"
    ".n{text-align:right}.warn{border-left:.25rem solid #b00020;padding-left:.75rem}"
    "code{background:#f1f1f1;padding:.1rem .25rem}@media(max-width:30rem){article{padding:0 .5rem .5rem}"
    "dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}th,td{font-size:.9rem;padding-right:.3rem}}"
)
_DOCUMENTS = ("1.2.840.10008.5.1.4.1.1.88.", "1.2.840.10008.5.1.4.1.1.104.")
_KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Placed:
    """A study with the folder that it lies in ("DICOM/ST000001"), and its readable reports: (path, title)."""

    folder: str
    study: HeldStudy
    reports: Sequence[tuple[str, str]]


def index_page(
    giver: Giver, places: Sequence[Placed], language: str, changed: Mapping[str, Sequence[Section]] | None = None
) -> bytes:
    """Write the page: the same bytes for the same studies, hospital, language and changes (by language)."""
    first = language if language in WORDS else "en"
    languages = [first, *(other for other in WORDS if other != first)]
    title = shown(WORDS[first]["title"].format(hospital=giver.hospital))
    links = " · ".join(f'<a lang="{code}" href="#{code}">{WORDS[code]["self"]}</a>' for code in languages)
    body = "".join(
        part for code in languages for part in _section(giver, places, code, (changed or {}).get(code, ()))
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{first}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head>\n<body><nav>{links}</nav>\n<main>{body}</main>\n"
        f"<footer><p>{shown(SOFTWARE)}</p></footer></body></html>\n"
    ).encode()


def _section(giver: Giver, places: Sequence[Placed], code: str, changed: Sequence[Section]) -> Iterator[str]:
    words = WORDS[code]
    yield f'<section id="{code}" lang="{code}"><h1>{_say(words, "title", hospital=giver.hospital)}</h1>\n'
    dial = shown("".join(sign for sign in giver.phone if sign.isdigit() or sign == "+"))
    yield f"<p>{_say(words, 'contact', hospital=giver.hospital)} "
    yield f'<a href="tel:{dial}">{shown(giver.phone)}</a></p>\n'
    for section in changed:
        lines = "".join(f"<li>{shown(line)}</li>" for line in section.lines)
        yield f'<div class="warn"><h2>{shown(section.title)}</h2>\n<ul>{lines}</ul></div>\n'
    yield f"<h2>{_say(words, 'whose')}</h2>\n"
    yield from _patients([place.study for place in places], words)
    yield f"<p>{_say(words, 'compare')}</p>\n<h2>{_say(words, 'studies')}</h2>\n"
    for place in places:
        yield from _study(place, words)
    yield from _instructions(giver, words)
    yield f"<p>{_say(words, 'careful')}</p></section>\n"


def _patients(studies: Iterable[HeldStudy], words: Words) -> Iterator[str]:
    """Each patient number with a name under it once; more than one means: look twice."""
    known: Mapping[tuple[str, str, str], HeldStudy] = {
        (study.issuer, study.local_number, study.patient_name): study for study in reversed(list(studies))
    }
    for study in reversed(list(known.values())):
        sex = words.get(study.sex, study.sex) if study.sex in ("M", "F", "O") else study.sex
        number = words["number"].format(issuer=study.issuer)
        facts = (
            (words["name"], _person(study.patient_name)),
            (words["born"], _date(study.birth_date, words, "unknown")),
            (words["sex"], sex),
            (number, study.local_number),
        )
        yield _facts((label, value or words["unknown"]) for label, value in facts)


def _study(place: Placed, words: Words) -> Iterator[str]:
    study = place.study
    name = study.description or words["nameless"]
    yield f"<article><h3>{shown(_date(dicom_date(study.study_date), words, 'undated'))}: {shown(name)}</h3>\n"
    count = len(study.instances)
    amount = words["one" if count == 1 else "total"].format(count=count, size=_megabytes(study.size_bytes, words))
    known = ((words["accession"], study.accession), (words["amount"], amount), (words["place"], place.folder))
    yield _facts((label, value) for label, value in known if value)
    if study.missing:
        yield f'<p class="warn">{_say(words, "unlisted", missing=", ".join(study.missing))}</p>\n'
    heads = (("series", ""), ("kind", ""), ("description", "d"), ("files", "n"), ("size", "n"))
    yield "<table><thead><tr>"
    yield "".join(f'<th scope="col"{_class(look)}>{_say(words, name)}</th>' for name, look in heads)
    yield "</tr></thead><tbody>\n"
    for number, series in enumerate(study.series, 1):
        yield _row(f"{place.folder}/SE{number:06d}/", series, words)
    yield "</tbody></table>\n"
    yield _list(words["reports"], (_link(path, title) for path, title in place.reports))
    yield _list(words["unopened"], map(shown, _unopened(place)))
    yield "</article>\n"


def _row(folder: str, series: HeldSeries, words: Words) -> str:
    number = "?" if series.number is None else str(series.number)
    cells = (
        ("", _link(folder, number)),
        ("", shown(series.modality)),
        ("d", shown(series.description)),
        ("n", str(len(series.instances))),
        ("n", _megabytes(series.size_bytes, words)),
    )
    return "<tr>" + "".join(f"<td{_class(look)}>{cell}</td>" for look, cell in cells) + "</tr>\n"


def _unopened(place: Placed) -> Iterator[str]:
    """Documents of which there is no readable form: a CDA, a 3D model, a report that cannot be rendered."""
    for series_number, series in enumerate(place.study.series, 1):
        for number, instance in enumerate(series.instances, 1):
            is_document = instance.sop_class.startswith(_DOCUMENTS) and instance.sop_class != _KEY_OBJECTS
            if is_document and instance.report is None:
                yield f"{place.folder}/SE{series_number:06d}/IM{number:06d}"


def _instructions(giver: Giver, words: Words) -> Iterator[str]:
    steps = "".join(f"<li>{_say(words, f'import_{step}')}</li>" for step in ("unpack", "directory", "folder"))
    yield f"<h2>{_say(words, 'import')}</h2>\n<ol>{steps}</ol>\n<h2>{_say(words, 'check')}</h2>\n"
    yield f"<p>{_say(words, 'check_how')}</p>\n<p><code>beeldpas verify --keys hospital.jwks.json .</code></p>\n"
    yield f"<p>{_say(words, 'check_keys', address=f'{giver.base_url}/jwks.json')}</p>\n"


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{shown(name)}</dt><dd>{shown(value)}</dd>" for name, value in facts) + "</dl>\n"


def _list(title: str, items: Iterable[str]) -> str:
    lines = "".join(f"<li>{item}</li>" for item in items)
    return f"<h4>{shown(title)}</h4>\n<ul>{lines}</ul>\n" if lines else ""


def _link(path: str, text: str) -> str:
    return f'<a href="{shown(path)}">{shown(text)}</a>'


def _class(look: str) -> str:
    return f' class="{look}"' if look else ""


def _say(words: Words, name: str, **facts: str) -> str:
    return shown(words[name].format(**facts))


def _date(day: date | None, words: Words, otherwise: str) -> str:
    return f"{day.day} {words['months'].split()[day.month - 1]} {day.year}" if day else words[otherwise]


def _megabytes(size: int, words: Words) -> str:
    return f"{max(size, 50_000) / _MEGABYTE:.1f}".replace(".", words["point"])


def _person(name: str) -> str:
    """Write a DICOM name as people do: family name first, then the rest; other scripts behind a slash."""
    groups = []
    for group in name.split("="):
        family, *rest = (part.strip() for part in group.split("^"))
        groups.append(", ".join(part for part in (family, " ".join(filter(None, rest))) if part))
    return " / ".join(filter(None, groups))
