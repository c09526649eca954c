"""Who may ask the registry, how it is recorded, and that a person is nowhere in it by number."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from tests.cast import NOW
from tests.index_town import OWN, PORTAL, Town, a_study, registry_town, somebody, token_form, with_instances

from beeldpas.database.engine import open_engine, transaction
from beeldpas.formats.jose import new_key, sign
from beeldpas.registry.store.tables import METADATA, access_log


@pytest.fixture(scope="module")
def town(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with registry_town(database_url, tmp_path_factory.mktemp("town")) as town:
        yield town


@pytest.fixture(autouse=True)
def _today(town: Town) -> None:
    town.clock.now = NOW


async def log_of(town: Town) -> list[dict[str, Any]]:
    engine = open_engine(town.settings.database_url)
    async with transaction(engine) as connection:
        rows = list(await connection.execute(select(access_log.c.record).order_by(access_log.c.row_id)))
    await engine.dispose()
    return [json.loads(row.record) for row in rows]


# A question and its record


async def test_a_question_is_answered_and_recorded(town: Town) -> None:
    anna = somebody()
    await town.publish("noord", a_study(anna))
    assert (await town.search(anna)).json()["total"] == 1
    line = (await log_of(town))[-1]
    assert {name: line[name] for name in ("kind", "outcome", "actor_kind", "actor", "organisation", "roles")} == {
        "kind": "search",
        "outcome": "done",
        "actor_kind": "patient",
        "actor": OWN.subject,
        "organisation": OWN.organisation,
        "roles": ["patient"],
    }
    assert (line["purpose"], line["basis"], line["asker"], line["found"]) == ("PATRQT", "own", PORTAL, 1)
    assert line["patient"].startswith("n1.") and anna.reveal() not in json.dumps(line)


async def test_nothing_registered_is_an_empty_answer(town: Town) -> None:
    answer = await town.search(somebody())
    assert answer.status_code == 200
    assert answer.json()["total"] == 0 and "entry" not in answer.json()
    assert answer.headers["content-type"] == "application/fhir+json"
    assert answer.headers["cache-control"] == "no-store"


async def test_includes_come_only_when_they_are_asked_for(town: Town) -> None:
    anna = somebody()
    await town.publish("noord", a_study(anna))
    answer = await town.search(anna, _include="", _revinclude="")
    assert [one["resource"]["resourceType"] for one in answer.json()["entry"]] == ["ImagingStudy"]


async def test_no_link_of_an_answer_holds_the_person(town: Town) -> None:
    anna = somebody()
    await town.publish("noord", a_study(anna))
    bundle = (await town.search(anna)).json()
    addresses = [bundle["link"][0]["url"], *(one["fullUrl"] for one in bundle["entry"])]
    assert [address for address in addresses if anna.reveal() in address] == []


# Questions that are refused


def stranger(town: Town, **changes: Any) -> str:
    """A question made by hand; `changes` replace claims, None takes one out."""
    now = int(town.clock().timestamp())
    claims = {
        "iss": PORTAL,
        "aud": town.base_url,
        "iat": now,
        "exp": now + 60,
        "jti": uuid4().hex,
        "sub": "p1.c0ffee",
        "asker": {"kind": "patient", "role": "patient"},
        "organisation": "Beeldpas",
        "purpose": "PATRQT",
        "basis": "own",
    }
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return sign(claims, typ="question+jwt", key=town.keys["portal"])


def unsigned(token: str) -> str:
    _, payload, _ = token.split(".")
    header = "eyJhbGciOiJub25lIiwidHlwIjoicXVlc3Rpb24rand0In0"  # {"alg":"none","typ":"question+jwt"}
    return f"{header}.{payload}."


def with_public_key_as_secret(town: Town) -> str:
    """The classic confusion: the verifier's public key used as a shared secret."""
    public = json.dumps(KeySet([town.keys["portal"].keys[0]]).as_dict(private=False)).encode()
    claims = json.loads(_payload(stranger(town)))
    return jwt.encode({"alg": "HS256", "typ": "question+jwt"}, claims, OctKey.import_key(public))


def _payload(token: str) -> bytes:
    segment = token.split(".")[1]
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


REFUSALS = {
    "nothing at all": (lambda town: "", 401),
    "a word": (lambda town: "please", 401),
    "unsigned": (lambda town: unsigned(stranger(town)), 401),
    "a signature cut off": (lambda town: stranger(town).rpartition(".")[0] + ".", 401),
    "another algorithm": (with_public_key_as_secret, 401),
    "another's key": (lambda town: town.question(key=KeySet([new_key("portal-1")])), 401),
    "a hospital's key": (lambda town: town.question(issuer=town.addresses["noord"], key=town.keys["noord"]), 401),
    "an unknown asker": (lambda town: town.question(issuer="https://evil.example"), 401),
    "another audience": (lambda town: town.question(audience=town.addresses["noord"]), 401),
    "too old": (lambda town: town.question(now=NOW - timedelta(seconds=61)), 401),
    "from the future": (lambda town: town.question(now=NOW + timedelta(seconds=120)), 401),
    "too long a life": (lambda town: stranger(town, exp=int(NOW.timestamp()) + 3600), 401),
    "an assertion": (lambda town: town.assertion("noord"), 401),
    "another kind of token": (
        lambda town: sign(json.loads(_payload(stranger(town))), typ="at+jwt", key=town.keys["portal"]),
        401,
    ),
    "without an asker": (lambda town: stranger(town, asker=None), 403),
    "without a role": (lambda town: stranger(town, asker={"kind": "patient"}), 403),
    "without a subject": (lambda town: stranger(town, sub=None), 403),
    "without an organisation": (lambda town: stranger(town, organisation=" "), 403),
    "without purpose": (lambda town: stranger(town, purpose=None), 403),
    "an unknown purpose": (lambda town: stranger(town, purpose="CURIOSITY"), 403),
    "without basis": (lambda town: stranger(town, basis=None), 403),
    "an unknown basis": (lambda town: stranger(town, basis="because"), 403),
    "without a jti": (lambda town: stranger(town, jti=None), 403),
    "by a care provider": (lambda town: stranger(town, asker={"kind": "provider", "role": "arts"}), 403),
    "for treatment": (lambda town: stranger(town, purpose="TREAT"), 403),
    "on a share": (lambda town: stranger(town, basis="share"), 403),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_question_that_does_not_say_who_and_why_is_refused_and_recorded(town: Town, name: str) -> None:
    anna = somebody()
    await town.publish("noord", a_study(anna))
    make, status = REFUSALS[name]
    before = len(await log_of(town))
    answer = await town.search(anna, make(town))
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert "1.2.826" not in answer.text and anna.reveal() not in answer.text
    (line,) = (await log_of(town))[before:]
    assert (line["outcome"], bool(line["reason"])) == ("refused", True)


async def test_a_question_is_good_for_one_answer(town: Town) -> None:
    anna, question = somebody(), town.question()
    assert (await town.search(anna, question)).status_code == 200
    assert (await town.search(anna, question)).status_code == 401
    assert (await log_of(town))[-1]["reason"] == "invalid_token"


async def test_of_many_uses_of_one_question_one_is_answered(town: Town) -> None:
    anna, question = somebody(), town.question()
    answers = await asyncio.gather(*(town.search(anna, question) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 11]


async def test_a_replayed_question_is_refused_even_when_the_first_was(town: Town) -> None:
    question = town.question()
    assert (await town.search(somebody(), question, _include="ImagingStudy:patient")).status_code == 400
    assert (await town.search(somebody(), question)).status_code == 401


@pytest.mark.parametrize(
    "form",
    [
        {"patient.identifier": ""},
        {"patient.identifier": "999990019"},
        {"patient.identifier": "http://fhir.nl/fhir/NamingSystem/bsn|123456789"},
        {"patient.identifier": "http://fhir.nl/fhir/NamingSystem/uzi|999990019"},
        {"_include": "ImagingStudy:patient"},
        {"_revinclude": "Observation:subject"},
        {"modality": "CT"},
        {"_summary": "count"},
    ],
    ids=str,
)
async def test_a_search_that_would_be_answered_wrongly_is_refused(town: Town, form: dict[str, str]) -> None:
    answer = await town.search(somebody(), **form)
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    "address",
    [
        "/fhir/ImagingStudy?patient.identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019",
        "/fhir/ImagingStudy?patient.identifier=999990019",
        "/fhir/ImagingStudy?subject:identifier=x",
        "/fhir/ImagingStudy/_search?patient=999990019",
        "/fhir/ImagingStudy?identifier=http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn%7C1",
        "/fhir/Patient/999990019",
        "/fhir/Patient/%39%39%39%39%39%30%30%31%39",
        "/health/live?person=999990019",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_a_bsn_in_an_address_is_refused(town: Town, method: str, address: str) -> None:
    async with town.client() as client:
        answer = await client.request(method, town.base_url + address)
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["diagnostics"] == "bsn in url"


async def test_there_is_no_way_to_search_by_address(town: Town) -> None:
    async with town.client() as client:
        answers = [
            await client.get(f"{town.base_url}/fhir/{path}")
            for path in ("ImagingStudy", "ImagingStudy/_search", "DiagnosticReport", "Endpoint/noord")
        ]
        unknown = await client.get(f"{town.base_url}/fhir/Patient")
    assert [answer.status_code for answer in answers] == [401, 401, 401, 405]
    assert unknown.status_code == 404
    assert {answer.json()["resourceType"] for answer in (*answers, unknown)} == {"OperationOutcome"}


# Tokens of hospitals


ASSERTIONS = {
    "nothing": lambda town: "",
    "unsigned": lambda town: unsigned(town.assertion("noord")),
    "another's key": lambda town: town.assertion("noord", key=town.keys["west"]),
    "an unknown hospital": lambda town: town.assertion("noord", client_id="https://oost.example"),
    "another audience": lambda town: town.assertion("noord", audience="https://portal.example"),
    "too old": lambda town: town.assertion("noord", now=NOW - timedelta(seconds=61)),
    "a question": lambda town: town.question(issuer=town.addresses["noord"], key=town.keys["noord"]),
    "for somebody else": lambda town: sign(
        {**json.loads(_payload(town.assertion("noord"))), "sub": town.addresses["west"]},
        typ="client-authentication+jwt",
        key=town.keys["noord"],
    ),
    "too long a life": lambda town: sign(
        {**json.loads(_payload(town.assertion("noord"))), "exp": int(NOW.timestamp()) + 3600},
        typ="client-authentication+jwt",
        key=town.keys["noord"],
    ),
}


@pytest.mark.parametrize("name", ASSERTIONS)
async def test_a_proof_that_is_not_a_hospitals_own_gets_no_token(town: Town, name: str) -> None:
    async with town.client() as client:
        answer = await client.post(f"{town.base_url}/token", data=token_form(ASSERTIONS[name](town)))
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


async def test_a_proof_is_good_for_one_token(town: Town) -> None:
    proof = town.assertion("noord")
    async with town.client() as client:
        first, second = [await client.post(f"{town.base_url}/token", data=token_form(proof)) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 401)
    assert first.json()["expires_in"] == 300
    assert first.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "unsupported_grant_type"),
        ({"client_assertion_type": "urn:x"}, "invalid_client"),
    ],
)
async def test_only_one_kind_of_request_gets_a_token(town: Town, changes: dict[str, str], error: str) -> None:
    async with town.client() as client:
        form = token_form(town.assertion("noord")) | changes
        answer = await client.post(f"{town.base_url}/token", data=form)
        as_json = await client.post(f"{town.base_url}/token", json=form)
    assert (answer.json(), as_json.json()) == ({"error": error}, {"error": "invalid_request"})


async def test_a_token_is_over_after_five_minutes(town: Town) -> None:
    async with town.client() as client:
        token = await town.token(client, "noord")
        town.clock.now = NOW + timedelta(seconds=299)
        assert (await post_nothing(client, town, token)).status_code == 400
        town.clock.now = NOW + timedelta(seconds=300)
        assert (await post_nothing(client, town, token)).status_code == 401


@pytest.mark.parametrize("bearer", ["", "x", "a question", "unsigned"])
async def test_nobody_publishes_without_a_token_of_this_registry(town: Town, bearer: str) -> None:
    async with town.client() as client:
        made = {"a question": town.question(), "unsigned": unsigned(await town.token(client, "noord"))}
        answer = await post_nothing(client, town, made.get(bearer, bearer))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def post_nothing(client: httpx2.AsyncClient, town: Town, token: str) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return await client.post(f"{town.base_url}/fhir", content=b"", headers=headers)


# What the registry keeps


async def test_the_log_cannot_be_changed(town: Town) -> None:
    await town.search(somebody())
    engine = open_engine(town.settings.database_url)
    for statement in ("UPDATE access_log SET record = '{}'", "DELETE FROM access_log"):
        with pytest.raises(DBAPIError):
            async with engine.begin() as connection:
                await connection.execute(text(statement))
    await engine.dispose()


async def test_used_tokens_are_forgotten_when_they_would_have_expired(town: Town) -> None:
    await town.search(somebody())
    town.clock.now = NOW + timedelta(hours=1)
    await town.search(somebody())
    engine = open_engine(town.settings.database_url)
    async with transaction(engine) as connection:
        kept = list(await connection.execute(text("SELECT jti FROM used_token")))
    await engine.dispose()
    assert len(kept) == 1


async def test_no_table_holds_a_bsn(town: Town) -> None:
    anna, bram = somebody(), somebody()
    study = with_instances(a_study(anna))
    await town.publish("noord", study)
    await town.publish("noord", replace(study, bsn=bram))
    assert (await town.decide("restrict", bram, study.study_uid)).status_code == 204
    await town.search(anna)
    await town.search(anna, "no token")
    engine = open_engine(town.settings.database_url)
    async with transaction(engine) as connection:
        tables = {one.name: list(await connection.execute(select(one))) for one in METADATA.sorted_tables}
    await engine.dispose()
    assert [name for name, rows in tables.items() if not rows and not name.startswith("log_")] == []
    assert anna.reveal() not in str(tables) and bram.reveal() not in str(tables)


async def test_the_program_says_what_it_is_and_whether_it_can_work(town: Town) -> None:
    async with town.client() as client:
        live, ready, metadata = [
            await client.get(town.base_url + path) for path in ("/health/live", "/health/ready", "/fhir/metadata")
        ]
    assert (live.status_code, ready.json()) == (200, {"status": "ready"})
    statement = metadata.json()
    assert (statement["resourceType"], statement["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    described = {one["type"]: one for one in statement["rest"][0]["resource"]}
    assert described["ImagingStudy"]["searchRevInclude"] == ["DiagnosticReport:imaging-study"]
