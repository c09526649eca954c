"""The two-bit list of a Token Status List."""

import zlib
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beeldpas.domain.errors import Malformed
from beeldpas.formats.statuslist import StatusList, TokenStatus, pack

STATES = st.sampled_from([TokenStatus.INVALID, TokenStatus.SUSPENDED])


@given(st.dictionaries(st.integers(0, 999), STATES, max_size=50))
def test_every_state_comes_back_and_the_rest_is_valid(states):
    entries = StatusList.unpack(pack(1000, states.items()))
    assert {index: entries[index] for index in range(1000) if entries[index]} == states


def test_the_two_lowest_bits_of_the_first_byte_are_entry_0():
    states = [(0, TokenStatus.INVALID), (1, TokenStatus.SUSPENDED), (3, TokenStatus.APPLICATION_SPECIFIC)]
    assert pack(4, states) == urlsafe_b64encode(zlib.compress(b"\xc9", 9)).rstrip(b"=").decode()


@pytest.mark.parametrize("index", [-1, 1000, 10**9])
def test_an_index_outside_the_list_is_invalid(index):
    assert StatusList.unpack(pack(1000, []))[index] is TokenStatus.INVALID


def test_an_index_outside_the_list_is_not_packed():
    with pytest.raises(ValueError, match="outside"):
        pack(8, [(8, TokenStatus.INVALID)])


def test_a_list_that_inflates_without_end_is_refused():
    bomb = urlsafe_b64encode(zlib.compress(bytes(64 * 1024 * 1024), 9)).decode()
    with pytest.raises(Malformed, match="status_list"):
        StatusList.unpack(bomb)


@pytest.mark.parametrize("lst", ["", "x", "!!!!", urlsafe_b64encode(zlib.compress(bytes(99)))[:-8].decode()])
def test_rubbish_is_refused(lst):
    with pytest.raises(Malformed, match="status_list"):
        StatusList.unpack(lst)
