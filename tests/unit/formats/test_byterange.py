"""Range and If-Range."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beeldpas.formats.byterange import Unsatisfiable, wanted

TAG = '"abc"'


@pytest.mark.parametrize(
    ("field", "part"),
    [
        (None, None),
        ("bytes=0-9", (0, 10)),
        ("bytes=90-", (90, 100)),
        ("bytes=90-999", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("Bytes = 5-5", (5, 6)),
        ("bytes=0-9,10-19", (0, 20)),
        ("bytes=10-19, 0-12", (0, 20)),
        ("bytes=0-9,500-600", (0, 10)),
        ("bytes=0-9,50-59", None),
        ("bytes=9-0", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-9,x", None),
        ("lines=0-9", None),
        ("bytes", None),
    ],
)
def test_what_a_range_field_asks_for(field, part):
    assert wanted(field, None, TAG, 100) == part


@pytest.mark.parametrize("field", ["bytes=100-", "bytes=100-200,300-400", "bytes=-0"])
def test_a_range_outside_the_body_cannot_be_satisfied(field):
    with pytest.raises(Unsatisfiable):
        wanted(field, None, TAG, 100)


@pytest.mark.parametrize(
    ("if_range", "part"),
    [(TAG, (0, 10)), ('"other"', None), (f"W/{TAG}", None), ("Tue, 24 Nov 2026 09:30:00 GMT", None)],
)
def test_if_range_with_anything_but_the_tag_gives_the_whole(if_range, part):
    assert wanted("bytes=0-9", if_range, TAG, 100) == part


def test_thousands_of_ranges_are_answered_by_the_whole():
    field = "bytes=" + ",".join(f"{start}-{start}" for start in range(0, 20_000, 2))
    assert wanted(field, None, TAG, 100_000) is None


@given(st.text(max_size=40), st.integers(1, 10**12))
def test_no_field_breaks_it(field, total):
    try:
        part = wanted(f"bytes={field}", None, TAG, total)
    except Unsatisfiable:
        return
    assert part is None or 0 <= part[0] < part[1] <= total
