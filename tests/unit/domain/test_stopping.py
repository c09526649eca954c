"""What an agent may write down, and on what ground a share is stopped for good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beeldpas.domain.codes import CallCode
from beeldpas.domain.errors import Malformed
from beeldpas.domain.stopping import Ground, parse_note


@pytest.mark.parametrize(
    "note",
    [
        "BSN 999990019",
        "bsn is 999 99 00 19",
        "999.990.019",
        "pin 482 913",
        "geboren 8-3-1952, 08/03/1952",
        "bel 06-12345678",
        "anna@example.org",
        "9 9 9 9 9 0 0 1 9",
    ],
)
def test_a_note_holds_no_number_of_a_person_and_no_address(note: str) -> None:
    with pytest.raises(Malformed) as error:
        parse_note(note)
    assert error.value.reason == "note_personal"
    assert note not in str(error.value)


def test_a_note_is_one_line_of_at_most_three_hundred_signs() -> None:
    assert (
        parse_note("  brief  K7P-4QX-92M\n in de trein, om 14.02 uur ")
        == "brief K7P-4QX-92M in de trein, om 14.02 uur"
    )
    assert len(parse_note("x" * 300)) == 300
    with pytest.raises(Malformed, match="note_too_long"):
        parse_note("x" * 301)


def test_a_ground_is_whole_or_none() -> None:
    said = {"called_back": False, "number_from": "", "incident": ""}
    assert Ground.parse("call_code", **said).kind == "call_code"  # type: ignore[arg-type]
    assert Ground.parse("call_back", **said | {"called_back": True, "number_from": "gp"}).kind == "call_back"  # type: ignore[arg-type]
    assert Ground.parse("incident", **said | {"incident": "inc-2026 14"}).incident == "INC-202614"  # type: ignore[arg-type]
    for kind, more in (
        ("", {}),
        ("because", {}),
        ("call_back", {"number_from": "gp"}),
        ("call_back", {"called_back": True}),
        ("call_back", {"called_back": True, "number_from": "caller"}),
        ("incident", {"incident": "  "}),
    ):
        assert Ground.parse(kind, **said | more).kind == ""  # type: ignore[arg-type]
    with pytest.raises(Malformed, match="incident_format"):
        Ground.parse("incident", **said | {"incident": "<script>"})  # type: ignore[arg-type]


@given(st.binary(min_size=5, max_size=5).map(CallCode.new))
def test_a_call_code_read_aloud_is_found_again_and_a_slip_is_noticed(code: CallCode) -> None:
    assert CallCode.parse(code.grouped().lower().replace("0", "o")) == code
    plain = code.reveal()
    wrong = ("2" if plain[0] != "2" else "3") + plain[1:]
    with pytest.raises(Malformed, match="call_code_unknown"):
        CallCode.parse(wrong)
