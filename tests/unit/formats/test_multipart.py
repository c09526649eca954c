"""Multipart answers: what is written can be taken apart again, and what is cut cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beeldpas.domain.errors import Malformed
from beeldpas.formats.multipart import Part, content_type, lay_out, take_apart

BOUNDARY = "beeldpas-0123456789abcdef"


def body(parts: list[bytes]) -> bytes:
    laid_out = lay_out([Part("application/dicom", f"/i/{n}", part) for n, part in enumerate(parts)], BOUNDARY)
    return b"".join(source for source in laid_out.sources if isinstance(source, bytes))


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=5))
def test_what_is_written_can_be_taken_apart(parts):
    found = take_apart(body(parts), BOUNDARY)
    assert [content for _, content in found] == parts
    assert [fields["content-location"] for fields, _ in found] == [f"/i/{n}" for n in range(len(parts))]


def test_lines_are_as_picky_parsers_want_them():
    assert body([b"x"]).startswith(f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n".encode())
    assert body([b"x"]).endswith(f"\r\n--{BOUNDARY}--\r\n".encode())
    assert content_type("application/dicom", "b") == 'multipart/related; type="application/dicom"; boundary=b'


@pytest.mark.parametrize("lost", [1, 2, 10, 60])
def test_a_broken_transfer_is_not_taken_for_a_whole_one(lost):
    whole = body([b"first", b"second"])
    with pytest.raises(Malformed, match="multipart"):
        take_apart(whole[: -lost - 3], BOUNDARY)
