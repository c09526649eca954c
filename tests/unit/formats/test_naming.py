"""What is asked of the process that makes names, and its answer: read strictly, signed for one body and minute."""

import json
from datetime import timedelta

import pytest
from joserfc.jwk import KeySet
from tests.cast import ANNA, BRAM, NOW

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.formats import jose
from beeldpas.formats.jose import new_key
from beeldpas.formats.naming import (
    AUDIENCE,
    NAMING_TYPE,
    read_names,
    read_naming,
    read_people,
    read_standing,
    sign_naming,
    write_names,
    write_people,
    write_standing,
)

KEYS = KeySet([new_key("portal-1")])
PORTAL = "https://portal.example"
BODY = write_people([ANNA.bsn])
NAME = f"p1.{'a' * 64}"


def test_what_is_written_is_read() -> None:
    assert read_people(write_people([ANNA.bsn, BRAM.bsn])) == (ANNA.bsn, BRAM.bsn)
    assert read_names(write_names([[NAME], [NAME, NAME]]), 2) == ((NAME,), (NAME, NAME))
    assert read_standing(write_standing({"p1": 0})) == {"p1": 0}


@pytest.mark.parametrize(
    "answer",
    ["", "{}", "[]", '{"names": []}', '{"names": [[]]}', '{"names": ["p1.a"]}', f'{{"names": [["{NAME}", "p1"]]}}']
    + [
        json.dumps({"names": [[bad]]})
        for bad in (f"{'p' * 17}.{'a' * 64}", f"p1.{'g' * 64}", f" {NAME}", f"{NAME}\n")
    ],
)
def test_an_answer_that_is_no_name_for_each_is_none(answer: str) -> None:
    with pytest.raises(Malformed):
        read_names(answer.encode(), 1)


def test_a_signature_is_for_its_body_and_its_minute() -> None:
    token = sign_naming(BODY, caller=PORTAL, now=NOW, key=KEYS).reveal()
    assert read_naming(token, BODY, callers={PORTAL: KEYS}, now=NOW) == PORTAL
    for body, callers, later in (
        (write_people([BRAM.bsn]), {PORTAL: KEYS}, 0),
        (BODY, {PORTAL: KEYS}, 61),
        (BODY, {}, 0),
        (BODY, {PORTAL: KeySet([new_key("portal-1")])}, 0),
    ):
        with pytest.raises(Refused):
            read_naming(token, body, callers=callers, now=NOW + timedelta(seconds=later))


@pytest.mark.parametrize(
    "change", [{"aud": "https://registry.example"}, {"exp": 3600}, {"body": ""}, {"typ": "at+jwt"}]
)
def test_what_was_signed_for_something_else_is_no_question(change: dict[str, object]) -> None:
    issued = int(NOW.timestamp())
    made = sign_naming(BODY, caller=PORTAL, now=NOW, key=KEYS).reveal()
    claims = jose.verify(made, typ=NAMING_TYPE, keys=KEYS, issuer=PORTAL, audience=AUDIENCE, now=NOW)
    typ = str(change.pop("typ", NAMING_TYPE))
    if isinstance(seconds := change.get("exp"), int):
        change = {"exp": issued + seconds}
    forged = jose.sign({**claims, **change}, typ=typ, key=KEYS)
    with pytest.raises(Refused):
        read_naming(forged, BODY, callers={PORTAL: KEYS}, now=NOW)
