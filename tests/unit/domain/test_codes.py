"""A code survives the phone, the printer and a tired secretary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beeldpas.domain import crockford
from beeldpas.domain.codes import PIN, Reference, ShareCode
from beeldpas.domain.errors import Malformed

codes = st.binary(min_size=10, max_size=10).map(ShareCode.new)


@given(codes)
def test_a_code_typed_in_lower_case_with_o_for_zero_and_l_for_one_is_the_same_code(code: ShareCode) -> None:
    typed = code.grouped().lower().replace("0", "o").replace("1", "l").replace(" ", " - ")
    assert ShareCode.parse(typed) == code


@given(codes, st.integers(0, 16), st.sampled_from(crockford.ALPHABET))
def test_every_single_wrong_character_is_noticed(code: ShareCode, place: int, wrong: str) -> None:
    right = code.reveal()
    typed = right[:place] + wrong + right[place + 1 :]
    if typed == right:
        assert ShareCode.parse(typed) == code
        return
    with pytest.raises(Malformed, match="code_mistyped"):
        ShareCode.parse(typed)


@given(codes, st.integers(0, 16), st.integers(0, 16))
def test_two_characters_swapped_are_noticed(code: ShareCode, one: int, other: int) -> None:
    signs = list(code.reveal())
    signs[one], signs[other] = signs[other], signs[one]
    swapped = "".join(signs)
    assert crockford.is_consistent(swapped) == (swapped == code.reveal())


@pytest.mark.parametrize("typed", ["", "7KQ2", "7KQ2 M9XD 4TBN W3HF", "ÄKQ2 M9XD 4TBN W3HF C", "7" * 400])
def test_what_is_no_code_is_said_to_be_mistyped(typed: str) -> None:
    with pytest.raises(Malformed, match="code_mistyped"):
        ShareCode.parse(typed)


def test_eighty_bits_go_into_a_code() -> None:
    assert len({ShareCode.new(bytes([n]) + bytes(9)).reveal() for n in range(256)}) == 256
    assert ShareCode.new(bytes(9) + b"\x01") != ShareCode.new(bytes(10))


def test_codes_and_pins_do_not_show_themselves() -> None:
    code, pin = ShareCode.new(b"0123456789"), PIN.new(42)
    for secret in (code, pin):
        assert secret.reveal() not in f"{secret} {secret!r} {[secret]} {secret:>40}"


def test_a_pin_keeps_its_leading_zeros_and_may_be_typed_with_a_space() -> None:
    assert PIN.new(42).reveal() == "000042"
    assert PIN.parse(" 000 042 ") == PIN.new(42)


@pytest.mark.parametrize(
    ("typed", "reason"), [("", "pin_missing"), ("12345", "pin_format"), ("12345a", "pin_format")]
)
def test_a_pin_of_the_wrong_form_says_so(typed: str, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        PIN.parse(typed)


def test_a_pin_in_other_digits_than_ours_is_not_a_pin() -> None:
    with pytest.raises(Malformed, match="pin_format"):
        PIN.parse("١٢٣٤٥٦")


@given(st.binary(min_size=6, max_size=6).map(Reference.new))
def test_a_reference_read_aloud_by_threes_is_found_again(reference: Reference) -> None:
    assert Reference.parse(str(reference).lower().replace("-", " ").replace("0", "o")) == reference


@pytest.mark.parametrize("said", ["", "K7P", "K7P-4QX-92U", "K7P-4QX-92M-1"])
def test_an_unreadable_reference_is_unknown(said: str) -> None:
    with pytest.raises(Malformed, match="ref_unknown"):
        Reference.parse(said)
