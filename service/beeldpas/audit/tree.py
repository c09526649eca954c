"""The Merkle tree over the leaf hashes of a log: its root, what a proof consists of, and whether a proof holds.

Nothing here reads a log. A *node* is a whole subtree: (height, index) covers the leaves index·2^height and on, as
many as 2^height. A *stretch* (begin, end) of leaves, as they occur in proofs, is made of a few nodes.
*Source:* RFC 6962 §2.1 (the tree), §2.1.1 (inclusion), §2.1.2 (consistency); RFC 9162 §2.1.3.2 and §2.1.4.2 (checks).
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
_NODE_PREFIX = b"\x01"
Node = tuple[int, int]
Stretch = tuple[int, int]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node with these two below it."""
    return sha256(_NODE_PREFIX + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash above neighbouring nodes of falling height, from the right to the left."""
    if not hashes:
        return EMPTY_ROOT
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


class Frontier:
    """What must be remembered of a tree so that it can grow: the hash of each node on its right edge."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        """Go on from an earlier tree. Raises: ValueError unless the hashes are as many as its size asks."""
        self.size = size
        self._hashes = list(hashes)
        if len(self._hashes) != size.bit_count() or any(len(one) != HASH_BYTES for one in self._hashes):
            raise ValueError("this is not the frontier of a tree of that size")

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The nodes of the right edge, the largest first."""
        return tuple(self._hashes)

    @property
    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return fold(self._hashes)

    def append(self, leaf: bytes) -> Iterator[tuple[Node, bytes]]:
        """Add a leaf hash; give every node that it completes, from the leaf upwards. Must be gone through."""
        height, index, found = 0, self.size, leaf
        yield (height, index), found
        while index & 1:
            found = node_hash(self._hashes.pop(), found)
            height, index = height + 1, index >> 1
            yield (height, index), found
        self._hashes.append(found)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes when nobody asks which nodes they complete."""
        hashes = self._hashes
        for leaf in leaves:
            index, found = self.size, leaf
            while index & 1:
                found = sha256(_NODE_PREFIX + hashes.pop() + found).digest()
                index >>= 1
            hashes.append(found)
            self.size += 1


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over these leaf hashes."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root


def nodes_of(stretch: Stretch) -> tuple[Node, ...]:
    """Return the whole subtrees that a stretch is made of, the largest first; `fold` makes its hash of theirs."""
    begin, end = stretch
    nodes = []
    for height in reversed(range((end - begin).bit_length())):
        if (end - begin) >> height & 1:
            nodes.append((height, begin >> height))
            begin += 1 << height
    return tuple(nodes)


def inclusion_stretches(index: int, size: int) -> tuple[Stretch, ...]:
    """Return the stretches whose hashes prove that a leaf is in a tree, from the leaf upwards.

    Raises: ValueError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("there is no such leaf")
    found, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin = middle
    return tuple(reversed(found))


def consistency_stretches(old: int, new: int) -> tuple[Stretch, ...]:
    """Return the stretches whose hashes prove that a tree grew out of an earlier one.

    Raises: ValueError unless 0 < old <= new.
    """
    if not 0 < old <= new:
        raise ValueError("a tree grows out of one that is smaller and not empty")
    found, begin, end, all_of_old = [], 0, new, True
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin, all_of_old = middle, False
    if not all_of_old:
        found.append((begin, end))
    return tuple(reversed(found))


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Say whether the path shows that the tree with this root has this leaf hash at this place."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Say whether the path shows that the tree of `old` leaves is the beginning of the one of `new` leaves."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    steps = [old_root, *path] if old & (old - 1) == 0 else [*path]
    if not steps:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    return _climb(place, last, steps) == (old_root, new_root)


def _climb(place: int, last: int, steps: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Go from a shared node up to both roots; None when there are too many steps or too few."""
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    return (old, new) if last == 0 else None


def _split(width: int) -> int:
    """Return the largest power of two below a width of two or more."""
    return 1 << (width - 1).bit_length() - 1
