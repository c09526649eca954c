"""Names of files as keys: printable, and back to the same bytes."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beeldpas.gateway.objects.names import key_of, path_of


@given(st.binary(min_size=1, max_size=60).filter(lambda name: b"\0" not in name))
def test_every_name_can_be_written_down_and_found_again(name):
    path = os.fsdecode(name)
    key = key_of(path)
    assert key.isprintable() and key.encode()
    assert path_of(key) == path


@pytest.mark.parametrize("path", ["a/b.dcm", "beeld één.dcm", "IM 1"])
def test_ordinary_names_stay_what_they_are(path):
    assert key_of(path) == path
