"""The Accept field, as viewers and PACSs really send it."""

import pytest

from beeldpas.formats.accept import read_accept


def ranges(field: str | None) -> list[tuple[str, dict[str, str]]]:
    return [(found.media_type, dict(found.parameters)) for found in read_accept(field)]


def test_no_field_means_anything():
    assert ranges(None) == [("*/*", {})]


def test_quotes_are_taken_off_and_commas_inside_them_do_not_split():
    field = 'multipart/related; type="application/dicom"; transfer-syntax="*", text/plain; x="a,b"'
    assert ranges(field) == [
        ("multipart/related", {"type": "application/dicom", "transfer-syntax": "*"}),
        ("text/plain", {"x": "a,b"}),
    ]


def test_a_merged_field_is_read_as_a_list():
    merged = "application/dicom+json, multipart/related; type=application/octet-stream; transfer-syntax=*"
    assert [media_type for media_type, _ in ranges(merged)] == ["application/dicom+json", "multipart/related"]


def test_what_is_wanted_most_comes_first_and_what_is_unwanted_not_at_all():
    assert [name for name, _ in ranges("a/b;q=0.2, c/d, e/f;q=0, g/h;q=x")] == ["c/d", "a/b"]


@pytest.mark.parametrize(("wanted", "covers"), [("*/*", True), ("application/*", True), ("image/*", False)])
def test_wildcards(wanted, covers):
    assert read_accept(wanted)[0].covers("application/dicom") is covers
