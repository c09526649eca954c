"""The real process: who may ask, how much, what it prints, and how its keys are followed by others."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import trustme
from tests.cast import ANNA, BRAM
from tests.hospital import wait_until
from tests.index_town import somebody
from tests.naming_process import PORTAL, Town, answering, now
from tests.running import running

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.jose import load_keys
from beeldpas.formats.naming import sign_naming, write_people
from beeldpas.keys import write_new_keys
from beeldpas.pseudonyms.app import build_app
from beeldpas.pseudonyms.keys import KeyBook
from beeldpas.pseudonyms.office import Office
from beeldpas.web.pseudonyms import AskedPseudonyms, PseudonymSettings
from beeldpas.web.serve import harden


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One process for the whole file."""
    built = Town.build(tmp_path_factory.mktemp("names"))
    write_new_keys(built.folder / "stranger.json", "stranger-1")
    built.start()
    yield built
    built.stop()


@pytest.fixture
async def portal(town: Town) -> AsyncIterator[AskedPseudonyms]:
    """The portal as it asks."""
    client = town.caller("portal")
    yield client
    await client.close()


async def post(town: Town, path: str, body: bytes, token: str = "") -> httpx2.Response:
    """Ask by hand."""
    transport = httpx2.AsyncHTTPTransport(uds=str(town.settings.socket))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx2.AsyncClient(transport=transport, base_url="http://names") as client:
        return await client.post(path, content=body, headers=headers)


def signed(town: Town, body: bytes, key: str = "portal", caller: str = PORTAL, seconds: int = 0) -> str:
    """A token for this body."""
    moment = now() - timedelta(seconds=seconds)
    return sign_naming(body, caller=caller, now=moment, key=load_keys(town.folder / f"{key}.json")).reveal()


async def test_portal_and_registry_have_other_names_for_one_person(town: Town, portal: AskedPseudonyms) -> None:
    registry = town.caller("registry")
    (ours,), (theirs,) = await portal.names(ANNA.bsn), await registry.names(ANNA.bsn)
    await registry.close()
    assert ours.partition(".")[2] != theirs.partition(".")[2]


async def test_many_people_are_asked_about_in_one_go(portal: AskedPseudonyms) -> None:
    people = [somebody() for _ in range(250)]
    names = await portal.names_of([*people, people[0]])
    assert len({one[0] for one in names.values()}) == 250
    assert names[people[7]] == await portal.names(people[7])


@pytest.mark.parametrize("how", ["nothing", "stranger", "as_the_portal", "old", "another_body", "other_kind"])
async def test_whoever_is_not_known_gets_no_name(town: Town, how: str) -> None:
    body = write_people([ANNA.bsn])
    tokens = {
        "nothing": "",
        "stranger": signed(town, body, "stranger", "https://stranger.example"),
        "as_the_portal": signed(town, body, "stranger"),
        "old": signed(town, body, seconds=61),
        "another_body": signed(town, write_people([BRAM.bsn])),
        "other_kind": "e30.e30.",
    }
    answer = await post(town, "/names", body, tokens[how])
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:beeldpas:problem:invalid_token")
    assert ANNA.bsn.reveal() not in answer.text


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"bsn": []}', b'{"bsn": "999990019"}', b'{"bsn": [999990019]}', b'{"bsn": ["123456789"]}']
)
async def test_what_is_no_question_gets_no_name(town: Town, body: bytes) -> None:
    answer = await post(town, "/names", body, signed(town, body))
    assert answer.status_code == 400
    assert "123456789" not in answer.text


async def test_a_body_without_end_is_not_read(town: Town) -> None:
    body = write_people([ANNA.bsn] * 1000)
    assert (await post(town, "/names", body, signed(town, body))).status_code == 413


async def test_a_number_never_stands_in_an_address(town: Town) -> None:
    transport = httpx2.AsyncHTTPTransport(uds=str(town.settings.socket))
    async with httpx2.AsyncClient(transport=transport, base_url="http://names") as client:
        assert (await client.get("/names", params={"bsn": ANNA.bsn.reveal()})).status_code == 405
        assert (await client.get(f"/names/{ANNA.bsn.reveal()}")).status_code == 404


def test_the_socket_and_the_keys_are_for_their_owner(town: Town) -> None:
    assert town.settings.socket is not None and town.running is not None
    assert stat.S_IMODE(town.settings.socket.stat().st_mode) == 0o660
    assert stat.S_IMODE(town.settings.book_file("portal").stat().st_mode) == 0o600


def test_no_core_of_it_is_left_and_no_program_of_its_account_reads_its_memory(town: Town) -> None:
    assert town.running is not None
    limits = Path(f"/proc/{town.running.pid}/limits").read_text()
    (core,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]
    probe = (
        "import ctypes; from beeldpas.pseudonyms.confinement import keep_memory_private as keep; keep(); "
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"  # PR_GET_DUMPABLE
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


async def test_nothing_of_a_question_is_printed(town: Town, portal: AskedPseudonyms) -> None:
    names = await portal.names(ANNA.bsn)
    body = write_people([ANNA.bsn])
    token = signed(town, body, seconds=3600)
    await post(town, "/names", body, token)
    for word in (ANNA.bsn.reveal(), *names, names[0].partition(".")[2], token):
        assert word not in town.log


async def test_a_new_key_is_taken_up_without_a_restart_and_the_old_name_is_still_told(
    town: Town, portal: AskedPseudonyms
) -> None:
    before = await portal.names(ANNA.bsn)
    registry = town.caller("registry")
    theirs = await registry.names(ANNA.bsn)
    assert town.command("rotate", "--caller", "portal").returncode == 0
    assert await portal.names(ANNA.bsn) == before, "until it is told"
    told = town.log.count("pseudonym_keys_read")
    town.signal(signal.SIGHUP)
    wait_until(lambda: town.log.count("pseudonym_keys_read") >= told + 2)
    newest, *older = await portal.names(ANNA.bsn)
    assert tuple(older) == before and newest.partition(".")[0] not in {one.partition(".")[0] for one in before}
    assert await registry.names(ANNA.bsn) == theirs, "another program's keys are another matter"
    await registry.close()


async def test_keys_that_are_unfit_change_nothing(town: Town, portal: AskedPseudonyms) -> None:
    before = await portal.names(ANNA.bsn)
    file = town.settings.book_file("portal")
    good = file.read_text()
    file.write_text("{}")
    try:
        town.signal(signal.SIGHUP)
        wait_until(lambda: "pseudonym_keys_unfit" in town.log)
        assert await portal.names(ANNA.bsn) == before
    finally:
        file.write_text(good)


async def test_a_killed_process_starts_again_with_the_same_names(town: Town, portal: AskedPseudonyms) -> None:
    before = await portal.names(ANNA.bsn)
    assert town.running is not None
    town.signal(signal.SIGKILL)
    town.running.wait(20)
    with pytest.raises(Unavailable):
        await portal.names(ANNA.bsn)
    assert town.settings.socket is not None
    town.settings.socket.unlink()
    town.start()
    assert await portal.names(ANNA.bsn) == before


async def test_a_key_goes_only_when_the_program_has_reported_that_nothing_stands_under_it(town: Town) -> None:
    file = town.settings.book_file("registry")
    KeyBook.load(file).with_new_key(now() - timedelta(hours=3)).write(file)
    old = KeyBook.load(file).names[-1]
    registry = town.caller("registry")
    refused = town.command("retire", "--caller", "registry", old)
    assert (refused.returncode, "not reported" in refused.stderr) == (1, True)
    await registry.report({old: 3})
    refused = town.command("retire", "--caller", "registry", old)
    assert (refused.returncode, "3 rows stand under it" in refused.stderr) == (1, True)
    await registry.report({old: 0})
    await registry.close()
    assert town.command("retire", "--caller", "registry", KeyBook.load(file).names[0]).returncode == 1
    assert town.command("retire", "--caller", "registry", old).returncode == 0
    assert old not in KeyBook.load(file).names


async def test_a_stranger_reports_nothing(town: Town) -> None:
    body = json.dumps({"rows": {"p1": 0}}).encode()
    assert (await post(town, "/standing", body, signed(town, body, "stranger"))).status_code == 401
    body = b'{"rows": {"p1": -1}}'
    assert (await post(town, "/standing", body, signed(town, body))).status_code == 400


def test_first_keys_are_made_once_and_commands_refuse_what_they_do_not_know(town: Town) -> None:
    before = town.settings.book_file("portal").read_text()
    done = town.command("keys")
    assert done.returncode == 0 and "portal: " in done.stdout
    assert town.settings.book_file("portal").read_text() == before
    assert json.loads(before)["keys"][0]["key"] not in done.stdout + done.stderr
    assert town.command("rotate", "--caller", "nobody").returncode == 1
    assert town.command("retire", "--caller", "portal", "p99").returncode == 1


async def refused(town: Town, caller: str) -> float:
    """How often a caller was refused, over all limiters of this process."""
    metrics = (await get(town, "/metrics")).text
    found = re.search(rf'beeldpas_pseudonyms_refused_total{{caller="{caller}"}} (\S+)', metrics)
    return float(found[1]) if found else 0.0


async def test_a_program_that_asks_about_everybody_is_stopped_counted_and_reported(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    town = Town.build(tmp_path, limit="200/minute; 100000/day")
    with answering(town.settings):
        portal, registry = town.caller("portal"), town.caller("registry")
        before = await refused(town, "portal")
        await portal.names_of([somebody() for _ in range(200)])
        for _ in range(3):
            with pytest.raises(Unavailable):
                await portal.names(ANNA.bsn)
        body = write_people([ANNA.bsn])
        answer = await post(town, "/names", body, signed(town, body))
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
        assert len(await registry.names(ANNA.bsn)) == 1, "the others go on"
        assert await refused(town, "portal") == before + 4
        await portal.close()
        await registry.close()
    printed = capfd.readouterr()
    assert (printed.out + printed.err).count("pseudonyms_limit_reached") == 1, "one line a minute"


async def get(town: Town, path: str) -> httpx2.Response:
    """Look at something."""
    transport = httpx2.AsyncHTTPTransport(uds=str(town.settings.socket))
    async with httpx2.AsyncClient(transport=transport, base_url="http://names") as client:
        return await client.get(path)


async def test_on_another_machine_it_answers_over_tls_to_who_knows_its_authority(tmp_path: Path) -> None:
    authority = trustme.CA()
    leaf = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    leaf.private_key_pem.write_to_path(str(tmp_path / "tls.key"))
    leaf.cert_chain_pems[0].write_to_path(str(tmp_path / "tls.pem"))
    office = Office.open(Town.build(tmp_path).settings, now)
    app = harden(build_app(office))
    with running(app, tls_cert=tmp_path / "tls.pem", tls_key=tmp_path / "tls.key") as port:
        for authority_file, gets_an_answer in ((tmp_path / "ca.pem", True), (None, False)):
            client = AskedPseudonyms(
                PseudonymSettings(base_url=f"https://localhost:{port}"),
                caller=PORTAL,
                keys=load_keys(tmp_path / "portal.json"),
                clock=now,
                ca_file=authority_file,
            )
            with nullcontext() if gets_an_answer else pytest.raises(Unavailable):
                assert len(await client.names(ANNA.bsn)) == 1
            await client.close()
