"""The table for a security officer: every kind has its line, nothing medical stands in it, and no cell calculates."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.log_records import PATIENT, STUDIES, event_of, record_of

from beeldpas.audit.event import as_record
from beeldpas.audit.events import CATALOGUE, Use
from beeldpas.audit.export_nen7513 import COLUMNS, header, line, table


def cells(text: str) -> dict[str, str]:
    (row,) = csv.reader(io.StringIO(text, newline=""))
    return dict(zip(COLUMNS, row, strict=True))


@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_kind_has_a_line_with_what_the_norm_asks_for(kind: str) -> None:
    found = cells(line(record_of(kind)))
    needed = "EventDateTime EventID EventTypeCode EventActionCode EventOutcomeIndicator UserID UserName RoleIDCode"
    more = "PurposeOfUse ResponsibleUser NetworkAccessPointID ParticipantObjectID AuditSourceID toestemmingsProfiel"
    assert [name for name in f"{needed} {more}".split() if not found[name]] == []
    assert (found["EventTypeCode"], found["ParticipantObjectID"]) == (kind, PATIENT)
    assert not any(uid in line(record_of(kind)) for uid in STUDIES)


def test_the_first_line_names_the_columns() -> None:
    assert next(csv.reader([header()])) == list(COLUMNS)
    assert len(set(COLUMNS)) == len(COLUMNS)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r=", " =", "\xa0=", "＝"])
def test_no_cell_is_a_formula(begin: str) -> None:
    record = as_record(event_of(Use.DOWNLOAD)) | {"name": f'{begin}HYPERLINK("https://evil.example")'}
    assert cells(line(record))["UserName"].startswith("'")


@given(st.text(max_size=40))
def test_whatever_a_name_is_it_stays_one_cell_that_does_not_calculate(name: str) -> None:
    cell = cells(line(as_record(event_of(Use.DOWNLOAD)) | {"name": name}))["UserName"]
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))


async def test_the_table_comes_line_by_line() -> None:
    async def records():
        for kind in (Use.DOWNLOAD, Use.RETRIEVE):
            yield record_of(kind)

    assert [piece.count("\r\n") async for piece in table(records())] == [1, 1, 1]
