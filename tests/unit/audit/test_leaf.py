"""The hashes of a row are those of RFC 6962 over a salted commitment, and there is one way to write a record."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beeldpas.audit.leaf import SALT_BYTES, canonical, commitment, leaf_hash, make_leaf

RECORDS = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3), max_leaves=5
    ),
    max_size=6,
)


def test_the_empty_leaf_hash_is_that_of_the_certificate_transparency_test_vectors() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(bytes.fromhex("00")).hex() == "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
    assert leaf_hash(bytes.fromhex("10")).hex() == "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7"


def test_a_leaf_commits_to_salt_and_record() -> None:
    leaf = make_leaf({"b": 1, "a": "é"}, b"s" * SALT_BYTES)
    assert leaf.text == '{"a":"é","b":1}'
    committed = sha256(b"s" * 16 + '{"a":"é","b":1}'.encode()).digest()
    assert commitment(leaf.salt, leaf.text) == committed
    assert leaf.leaf_hash == sha256(b"\x00" + committed).digest()


@given(RECORDS, st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_another_salt_is_another_leaf_and_order_does_not_matter(record: dict, one: bytes, other: bytes) -> None:
    backwards = dict(reversed(record.items()))
    assert make_leaf(record, one) == make_leaf(backwards, one)
    assert (make_leaf(record, one).leaf_hash == make_leaf(record, other).leaf_hash) == (one == other)


@pytest.mark.parametrize("value", [1.5, [1, 0.1], {"a": 0.1}, {1: "x"}, {"a": {2: 3}}, object()])
def test_fractions_and_odd_things_have_no_place_in_a_record(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value if isinstance(value, dict) else {"a": value})


def test_a_salt_has_sixteen_bytes() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        make_leaf({}, b"short")
