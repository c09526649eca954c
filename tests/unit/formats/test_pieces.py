"""Bodies made of pieces: every range is the slice of the whole."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from beeldpas.formats.pieces import Pieces


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A stretch that is kept elsewhere."""

    content: bytes

    @property
    def length(self) -> int:
        return len(self.content)


def joined(pieces: Pieces[Elsewhere], start: int, stop: int) -> bytes:
    parts = []
    for part in pieces.between(start, stop):
        content = part.source if isinstance(part.source, bytes) else part.source.content
        parts.append(content[part.start : part.start + part.length])
    return b"".join(parts)


SOURCES = st.lists(st.binary(max_size=20).flatmap(lambda some: st.sampled_from([some, Elsewhere(some)])), max_size=12)


@given(SOURCES, st.data())
def test_any_range_equals_the_slice_of_the_whole(sources, data):
    pieces = Pieces(sources)
    whole = b"".join(source if isinstance(source, bytes) else source.content for source in sources)
    assert pieces.total == len(whole)
    start = data.draw(st.integers(0, pieces.total))
    stop = data.draw(st.integers(start, pieces.total))
    assert joined(pieces, start, stop) == whole[start:stop]


def test_a_slice_says_whether_it_is_all_of_its_piece():
    pieces = Pieces([b"abc", b"def"])
    assert [part.is_whole for part in pieces.between(0, 5)] == [True, False]
