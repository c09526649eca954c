"""A registry as large as a part of a country: made-up people and studies, written by the database itself.

How many studies a person has is skewed (log-normal, 1 to 3,000, twenty on the mean); studies come in random order, as
they would over the years, so that one person's lie all over the tables. Every resource is one that a gateway writes,
with UIDs, days and counts of its own; every fourth study has a report.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import exp

import psycopg
from sqlalchemy import make_url
from tests.bench.registry_programs import HOSPITAL, Programs

from beeldpas.database.engine import migrate
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.formats.fhir.publication import (
    PublishedReport,
    PublishedSeries,
    PublishedStudy,
    endpoint_resource,
    report_resource,
    study_resource,
)
from beeldpas.formats.fhir.text import Resource, render
from beeldpas.pseudonyms.derive import names_of
from beeldpas.pseudonyms.keys import KeyBook
from beeldpas.registry.app import MIGRATIONS

MEAN, MOST = 20, 3000
_MEDIAN, _SIGMA = 8.0, 1.354
_KEYS = {"imaging_study": "imaging_study_by_person", "diagnostic_report": "diagnostic_report_by_person"}
_SEED = 20261124


@dataclass(frozen=True, slots=True)
class Country:
    """A filled database and who is in it: `people` in random order, with how many studies each has."""

    url: str
    studies: int
    people: tuple[tuple[BSN, int], ...]


def fill(url: str, programs: Programs, studies: int) -> Country:
    """Make the tables and fill them with this many studies."""
    migrate(url, MIGRATIONS)
    people = list(_people(studies))
    book = KeyBook.load(programs.names.settings.book_file("registry"))
    with connected(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("SET work_mem = '512MB'")
        cursor.execute("CREATE UNLOGGED TABLE person (n int, pseudonym text, studies int)")
        with cursor.copy("COPY person FROM STDIN") as rows:
            for number, (bsn, count) in enumerate(people):
                rows.write_row((number, names_of(book, "registry", bsn)[0], count))
        cursor.execute(
            "CREATE UNLOGGED TABLE dealt AS SELECT row_number() OVER () AS i, pseudonym FROM "
            "(SELECT pseudonym FROM person, generate_series(1, studies) ORDER BY random()) AS shuffled"
        )
        for statement in _entries():
            cursor.execute(statement)
        cursor.execute("DROP TABLE dealt")
        cursor.execute("DROP TABLE person")
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
    random.Random(_SEED).shuffle(people)
    return Country(url, studies, tuple(people))


def connected(url: str) -> psycopg.Connection:
    """A plain connection to a database of SQLAlchemy's URL; each statement is a transaction."""
    return psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    )


def size_bytes(url: str) -> int:
    """How large the database is on disk."""
    with connected(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return int(row[0])


def _people(studies: int) -> Iterator[tuple[BSN, int]]:
    """People until their studies are this many; their numbers pass the eleven-test and were never issued (9…)."""
    chance, left, number = random.Random(_SEED), studies, 900_000_000
    while left > 0:
        number += 1
        try:
            bsn = BSN.parse(str(number))
        except Malformed:
            continue
        count = min(left, MOST, max(1, round(_MEDIAN * exp(chance.gauss(0, _SIGMA)))))
        left -= count
        yield bsn, count


def _entries() -> Iterator[str]:
    """The statements that write entries, without indexes first: they are made when all is there."""
    yield f"INSERT INTO endpoint VALUES ('noord', 1, now(), {_literal(render(endpoint_resource(HOSPITAL)))})"  # noqa: S608
    for table, name in _KEYS.items():
        yield f"ALTER TABLE {table} DROP CONSTRAINT {name}"
    yield "ALTER TABLE entry_place DROP CONSTRAINT entry_place_pkey"
    yield "ALTER TABLE entry_place DROP CONSTRAINT entry_place_entry_id_key"
    yield "ALTER TABLE entry_place DROP CONSTRAINT entry_place_gateway_id_fkey"
    uid = "'1.2.826.0.1.3680043.8.498.' || 1000000000 + i"
    sop = f"{uid} || '.9'"
    day = "date '2006-01-01' + (i * 7919 % 7300)::int"
    beside = "'noord', {key}, {status}, false, false, 1, now()"
    study_id, report_id = (f"md5('{kind}' || i)::uuid::text" for kind in ("study", "report"))
    yield (
        "INSERT INTO imaging_study (pseudonym, entry_id, gateway_id, key, status, from_providers, "  # noqa: S608
        "from_representatives, version, updated_at, resource, basis, started) "
        f"SELECT pseudonym, {study_id}, {beside.format(key=uid, status=_literal('available'))}, "
        f"CASE i % 3 {_cases()} END, 'law', {day} FROM dealt"
    )
    yield (
        "INSERT INTO diagnostic_report (pseudonym, entry_id, gateway_id, key, status, from_providers, "  # noqa: S608
        "from_representatives, version, updated_at, resource) "
        f"SELECT pseudonym, {report_id}, "
        f"{beside.format(key=_literal('urn:dicom:uid|urn:oid:') + ' || ' + sop, status=_literal('final'))}, "
        f"{_template(_report())} FROM dealt WHERE i % 4 = 0"
    )
    digest = "decode(md5(i::text) || md5((i + 1)::text), 'hex')"
    for kind, entry_id, key, where in (
        ("ImagingStudy", study_id, uid, ""),
        ("DiagnosticReport", report_id, f"'urn:dicom:uid|urn:oid:' || {sop}", "WHERE i % 4 = 0"),
    ):
        yield (
            f"INSERT INTO entry_place SELECT 'noord', '{kind}', {key}, {entry_id}, pseudonym, 'available', 1, now(), "  # noqa: S608
            f"{digest} FROM dealt {where}"
        )
    yield (
        "ALTER TABLE imaging_study ADD CONSTRAINT imaging_study_by_person PRIMARY KEY (pseudonym, started, entry_id)"
    )
    yield "ALTER TABLE diagnostic_report ADD CONSTRAINT diagnostic_report_by_person PRIMARY KEY (pseudonym, entry_id)"
    yield "ALTER TABLE entry_place ADD PRIMARY KEY (gateway_id, kind, key)"
    yield "ALTER TABLE entry_place ADD UNIQUE (entry_id)"
    yield "ALTER TABLE entry_place ADD FOREIGN KEY (gateway_id) REFERENCES endpoint NOT VALID"


def a_study(uid: str, bsn: BSN, day: date, series: int = 1, words: str = "CT thorax") -> PublishedStudy:
    """A study with this many series and a report."""
    return PublishedStudy(
        study_uid=uid,
        bsn=bsn,
        basis="law",
        origin=True,
        accession=f"A-{uid.rpartition('.')[2]}",
        started=day,
        description=words,
        procedure="",
        series=tuple(
            PublishedSeries(f"{uid}.{number}", number, "CT", f"axial {number}", 120, "CHEST", "")
            for number in range(1, series + 1)
        ),
        reports=(PublishedReport(f"{uid}.9", "final", day),),
    )


_UID, _DAY = "1.2.3.UID", date(1901, 2, 3)
_ANYBODY = BSN.parse("999990019")


def _cases() -> str:
    made = (a_study(_UID, _ANYBODY, _DAY, series) for series in (1, 2, 3))
    return " ".join(
        f"WHEN {number} THEN {_template(study_resource(study, HOSPITAL))}" for number, study in enumerate(made)
    )


def _report() -> Resource:
    study = a_study(_UID, _ANYBODY, _DAY)
    return report_resource(study.reports[0], study, HOSPITAL)


def _template(resource: Resource) -> str:
    """SQL that writes a resource as the registry keeps it, with the UID and the day of row i."""
    kept = render({name: value for name, value in resource.items() if name not in ("subject", "id")})
    text = _literal(kept).replace(_UID, "' || '1.2.826.0.1.3680043.8.498.' || 1000000000 + i || '")
    text = text.replace("A-UID", "A-' || i || '")
    return text.replace(_DAY.isoformat(), "' || (date '2006-01-01' + (i * 7919 % 7300)::int) || '")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
