"""Many answers are few lines, and no byte leaves before the line of its use is on disk, under load too."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cast import NOW
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import HEAD_CT, KNEE_MR

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Refused, Unavailable
from beeldpas.domain.grant import Receiver
from beeldpas.gateway import respond, uses
from beeldpas.gateway.dicomweb import sending
from beeldpas.gateway.dicomweb.viewing import Viewing
from beeldpas.gateway.transfers import Transfer
from beeldpas.gateway.uses import Holder, Use

AT_ONCE = 12
STUDY = f"/dicom-web/studies/{HEAD_CT}"
ONE = f"{STUDY}/series/{HEAD_CT}.1/instances/{HEAD_CT}.1.1"


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_hospital(tmp_path_factory.mktemp("noord")) as served:
        yield served


@pytest.fixture(autouse=True)
def _now(noord: Served) -> Iterator[None]:
    """Each test begins at the real time: a status list is not that old."""
    noord.clock.moved = timedelta()
    yield
    noord.clock.moved = timedelta()


@pytest.fixture
def on_disk(noord: Served, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the draft of its row was committed, each time that an answer was about to begin."""
    found: list[bool] = []
    file = Path(noord.house.engine.url.database or "")

    def look(event_id: str) -> None:
        other = sqlite3.connect(f"file:{file}?mode=ro", uri=True)  # another connection sees what was committed only
        try:
            rows = other.execute("SELECT count(*) FROM running WHERE event_id = ?", (event_id,)).fetchone()
        finally:
            other.close()
        found.append(rows[0] == 1)

    run, call = respond._Sending.run, sending.PiecemealResponse.__call__

    async def run_after(self, head, first, pump):
        look(self._transfer.event_id if self._transfer.part_of is None else self._transfer.part_of.event_id)
        await run(self, head, first, pump)

    async def call_after(self, scope, receive, send):
        look(self._viewing.use.event_id)
        await call(self, scope, receive, send)

    monkeypatch.setattr(respond._Sending, "run", run_after)
    monkeypatch.setattr(sending.PiecemealResponse, "__call__", call_after)
    return found


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """A database that cannot be written when a use begins."""
    state = {"away": True}

    @asynccontextmanager
    async def perhaps(engine):
        if state["away"]:
            raise Unavailable("database")
        async with transaction(engine) as connection:
            yield connection

    monkeypatch.setattr(uses, "transaction", perhaps)
    return state


def told(noord: Served, grant: str) -> list[dict]:
    return [one for one in noord.portal.told if one["grant"] == grant]


@pytest.mark.parametrize(
    ("index", "path"),
    [(41, STUDY), (42, ONE), (43, f"{STUDY}/metadata"), (44, f"{ONE}/frames/1"), (45, f"{STUDY}/instances")],
)
def test_what_is_fetched_at_once_is_one_line_that_was_there_before_the_first_byte(noord, on_disk, index, path):
    token = noord.token([HEAD_CT], index=index)
    with ThreadPoolExecutor(AT_ONCE) as many:
        answers = list(many.map(lambda _: noord.client.get(path, headers=token), range(4 * AT_ONCE)))
    assert {answer.status_code for answer in answers} == {200}
    assert on_disk == [True] * len(answers)
    noord.clock.pass_by(seconds=11)
    wait_until(lambda: len(told(noord, f"grant-{index}")) == 1)
    (event,) = told(noord, f"grant-{index}")
    assert (event["outcome"], event["bytes"]) == ("completed", sum(len(answer.content) for answer in answers))
    rows = [row for row in noord.log() if row.get("grant") == f"grant-{index}" and row["kind"] == "retrieve"]
    assert [row["event_id"] for row in rows] == [event["event_id"]]
    assert rows[0]["address"] == "127.0.0.1"


def test_another_study_grant_or_minute_is_another_line(noord):
    def fetch(study: str, index: int) -> None:
        path, token = f"/dicom-web/studies/{study}/metadata", noord.token([HEAD_CT, KNEE_MR], index=index)
        assert noord.client.get(path, headers=token).status_code == 200

    for study, index in ((HEAD_CT, 46), (KNEE_MR, 46), (HEAD_CT, 47)):
        fetch(study, index)
    noord.clock.pass_by(seconds=11)
    wait_until(lambda: (len(told(noord, "grant-46")), len(told(noord, "grant-47"))) == (2, 1))
    fetch(HEAD_CT, 46)
    noord.clock.pass_by(seconds=11)
    wait_until(lambda: (len(told(noord, "grant-46")), len(told(noord, "grant-47"))) == (3, 1))


def test_an_archive_in_a_hundred_pieces_is_no_hundred_lines(noord, on_disk):
    path, lease = noord.lease([KNEE_MR], index=48)
    pieces = [noord.client.get(path, headers={**lease, "Range": f"bytes={n * 10}-{n * 10 + 9}"}) for n in range(100)]
    assert {piece.status_code for piece in pieces} == {206}
    assert on_disk == [True] * 100
    noord.clock.pass_by(seconds=11)
    wait_until(lambda: sum(one["bytes"] for one in told(noord, "grant-48")) == 1000)
    phases = [one["phase"] for one in told(noord, "grant-48")]
    assert (phases.count("started"), phases.count("ended")) == (11, 11)


@pytest.mark.parametrize("path", [STUDY, ONE, f"{STUDY}/metadata", f"{ONE}/frames/1", f"{STUDY}/instances", "lease"])
def test_without_a_database_nothing_leaves(noord, away, path):
    away["away"] = False
    lease = noord.lease([HEAD_CT], index=49) if path == "lease" else (path, noord.token([HEAD_CT], index=50))
    away["away"] = True
    answer = noord.client.get(lease[0], headers=lease[1])
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) in [
        (503, "application/problem+json"),
        (503, "text/html"),
    ]
    away["away"] = False
    assert noord.client.get(lease[0], headers=lease[1]).status_code == 200


def test_a_revocation_ends_a_line_as_it_was_and_breaks_what_is_under_way(noord):
    """Unit of the fold itself: what runs when it is cut is broken, what came through before is not."""
    whole, running = viewing(noord), viewing(noord)
    with whole.request(scope(), ()):
        whole.ended(1, "completed", to_the_end=True)
    whole.transfer.cut("revoked")
    aborted: list[bool] = []
    with running.request(scope(aborted), ()):
        running.transfer.cut("revoked")
    assert (whole.is_broken, running.is_broken, aborted) == (False, True, [True])
    for one in (whole, running):
        with pytest.raises(Refused), one.request(scope(), ()):
            pass


@pytest.mark.parametrize(
    ("ends", "cut"),
    [
        ([(1, "completed")], False),
        ([(1, "cut")], True),
        ([(1, "cut"), (2, "completed")], True),  # 2 began before 1 was cut: it is not what came instead
        ([(1, "cut"), (3, "completed")], False),
        ([(1, "completed"), (2, "cut")], True),
    ],
)
def test_a_line_is_cut_until_something_that_began_later_came_through(noord, ends, cut):
    one = viewing(noord)
    one.count = 2
    for number, outcome in ends:
        one.count = max(one.count, number)
        one.ended(number, outcome, to_the_end=False)
    assert bool(one.cut_at) is cut


def viewing(noord: Served) -> Viewing:
    holder = Holder(noord.portal.base_url, "grant", "subject", Receiver("patient", "Anna", ""), "PATRQT", "own")
    use = Use("e", "retrieve", "ended", "cut", 0, (HEAD_CT,), holder)
    made = Viewing(use, Transfer(("s", 1), "e", abort=lambda: made.cut()), ExitStack(), NOW, NOW)
    return made


def scope(aborted: list[bool] | None = None) -> dict:
    cut = [] if aborted is None else aborted
    return {"beeldpas.abort": lambda: cut.append(True), "beeldpas.unsent": int}
