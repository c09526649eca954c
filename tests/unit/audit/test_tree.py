"""The tree: the specification's own vectors, and proofs that hold exactly when nothing was touched."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beeldpas.audit.leaf import leaf_hash
from beeldpas.audit.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_stretches,
    fold,
    inclusion_stretches,
    is_consistent,
    is_included,
    node_hash,
    nodes_of,
    root_of,
)

# The eight leaves and the roots over the first of them that implementations of RFC 6962 test each other with.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [leaf_hash(bytes.fromhex(one)) for one in LEAVES]


def made(count: int) -> list[bytes]:
    """Leaf hashes that differ."""
    return [leaf_hash(str(number).encode()) for number in range(count)]


def path(leaves: Sequence[bytes], stretches: Sequence[tuple[int, int]]) -> list[bytes]:
    """The hashes of stretches, made of whole subtrees as a log makes them."""

    def node(height: int, index: int) -> bytes:
        return root_of(leaves[index << height : index + 1 << height])

    return [fold([node(*one) for one in nodes_of(stretch)]) for stretch in stretches]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_of_rfc_6962(size: int) -> None:
    assert root_of(HASHES[:size]).hex() == ROOTS[size]
    assert EMPTY_ROOT.hex() == ROOTS[0]


def test_leaves_and_nodes_are_hashed_apart() -> None:
    assert leaf_hash(b"") == sha256(b"\x00").digest()
    assert node_hash(HASHES[0], HASHES[1]) == sha256(b"\x01" + HASHES[0] + HASHES[1]).digest() == root_of(HASHES[:2])


def test_the_audit_paths_of_rfc_6962() -> None:
    """§2.1.3 shows a tree of seven leaves d0…d6 with inner nodes g=d0d1, h=d2d3, i=d4d5, j=d6, k=gh, l=ij."""
    a, b, c, d, e, f, j = HASHES[:7]
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, ll = node_hash(g, h), node_hash(i, j)
    leaves = HASHES[:7]
    assert path(leaves, inclusion_stretches(0, 7)) == [b, h, ll]
    assert path(leaves, inclusion_stretches(3, 7)) == [c, g, ll]
    assert path(leaves, inclusion_stretches(4, 7)) == [f, j, k]
    assert path(leaves, inclusion_stretches(6, 7)) == [i, k]
    assert path(leaves, consistency_stretches(3, 7)) == [c, d, g, ll]
    assert path(leaves, consistency_stretches(4, 7)) == [ll]
    assert path(leaves, consistency_stretches(6, 7)) == [i, j, k]


def test_every_inclusion_and_every_consistency_of_small_trees() -> None:
    leaves = made(34)
    roots = [root_of(leaves[:size]) for size in range(35)]
    for size in range(1, 35):
        for index in range(size):
            proof = path(leaves, inclusion_stretches(index, size))
            assert is_included(leaves[index], index, size, proof, roots[size])
        for old in range(1, size + 1):
            proof = path(leaves, consistency_stretches(old, size))
            assert is_consistent(old, roots[old], size, roots[size], proof)
            assert old == size or not is_consistent(old, roots[size], size, roots[old], proof)


@given(st.integers(1, 300), st.integers(0, 299), st.data())
def test_inclusion_holds_only_untouched(size: int, index: int, data: st.DataObject) -> None:
    index %= size
    leaves = made(size)
    root, proof = root_of(leaves), path(leaves, inclusion_stretches(index, size))
    assert is_included(leaves[index], index, size, proof, root)
    other_leaf = data.draw(st.binary(min_size=32, max_size=32).filter(lambda one: one != leaves[index]))
    assert not is_included(other_leaf, index, size, proof, root)
    other_place = data.draw(st.integers(-1, size + 1).filter(lambda one: one != index))
    assert not is_included(leaves[index], other_place, size, proof, root)
    assert all(not is_included(leaves[index], index, size, bad, root) for bad in spoiled(proof, data))


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_consistency_holds_only_untouched(one: int, other: int, data: st.DataObject) -> None:
    old, new = sorted((one, other))
    leaves = made(new)
    old_root, new_root = root_of(leaves[:old]), root_of(leaves)
    proof = path(leaves, consistency_stretches(old, new))
    assert is_consistent(old, old_root, new, new_root, proof)
    assert all(not is_consistent(old, old_root, new, new_root, bad) for bad in spoiled(proof, data))
    place = data.draw(st.integers(0, old - 1))
    forked = root_of([*leaves[:place], leaf_hash(b"another"), *leaves[place + 1 :]])
    assert not is_consistent(old, old_root, new, forked, proof)


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_tree_goes_on_from_its_frontier(first: int, more: int) -> None:
    leaves = made(first + more)
    begun = Frontier()
    begun.extend(leaves[:first])
    resumed = Frontier(begun.size, begun.hashes)
    done = [node for leaf in leaves[first:] for node in resumed.append(leaf)]
    assert (resumed.size, resumed.root) == (first + more, root_of(leaves))
    assert all(found == root_of(leaves[at << height : at + 1 << height]) for (height, at), found in done)


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    for size, hashes in ((1, []), (2, [b"x" * 32, b"y" * 32]), (1, [b"short"])):
        with pytest.raises(ValueError, match="frontier"):
            Frontier(size, hashes)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 5)])
def test_nothing_is_consistent_with_no_tree(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="grows"):
        consistency_stretches(old, new)
    assert not is_consistent(old, EMPTY_ROOT, new, root_of(made(5)), [])


def spoiled(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    """The proof shortened at both ends, lengthened, with one bit other, and in another order."""
    bad = [[*proof, b"x" * 32], [b"x" * 32, *proof], [*proof, *proof[-1:]] if proof else [b"y" * 32]]
    bad += [proof[:count] for count in range(len(proof))] + [proof[count:] for count in range(1, len(proof))]
    if proof:
        place, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        step = int.from_bytes(proof[place]) ^ (1 << bit)
        bad.append([*proof[:place], step.to_bytes(32), *proof[place + 1 :]])
    order = data.draw(st.permutations(proof))
    return [*bad, order] if order != proof else bad
