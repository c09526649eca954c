"""Compressed pixels whose offset table has entries, from readers that give whole blocks or end too soon."""

import struct

import pytest

from beeldpas.domain.errors import Malformed
from beeldpas.formats.fragments import Fragment, read_fragments

TABLE = struct.pack("<HHL2L", 0xFFFE, 0xE000, 8, 0, 12)
ITEMS = b"".join(struct.pack("<HHL4s", 0xFFFE, 0xE000, 4, one) for one in (b"aaaa", b"bbbb"))
CONTENT = TABLE + ITEMS + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


@pytest.mark.parametrize("block", [0, 16, 4096])
def test_a_reader_may_give_more_than_it_was_asked_for(block: int) -> None:
    table, fragments = read_fragments(lambda at, count: CONTENT[at : at + max(count, block)], 0, len(CONTENT))
    assert (table, fragments) == ([0, 12], [Fragment(24, 4), Fragment(36, 4)])


def test_a_table_that_ends_too_soon_is_unreadable() -> None:
    with pytest.raises(Malformed):
        read_fragments(lambda at, count: CONTENT[:12][at : at + count], 0, len(CONTENT))
