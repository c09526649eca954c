"""Signed notes, checkpoints and the words of witnesses, in the forms of their specifications."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import KeySet

from beeldpas.audit.checkpoint import (
    Checkpoint,
    LogKeys,
    cosign,
    cosigned_at,
    cosigners,
    origin_of,
    read_checkpoint,
    verifiers_of,
    witness_name,
)
from beeldpas.audit.note import Kind, Note, Verifier, is_signed, read_note
from beeldpas.domain.errors import Malformed
from beeldpas.formats.jose import new_key, new_rsa_key

# The example of the package that notes come from (golang.org/x/mod/sumdb/note).
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
CRYPTOGRAPHY = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
# The example of C2SP tlog-checkpoint and tlog-cosignature.
SOFA = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDe\
OoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf\
5nNo0xUe+mbIUBkBIfZ+qnA==
"""
# The first key of RFC 8032 §7.1.
SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
AT = datetime(2023, 3, 20, 12, 25, 47, tzinfo=UTC)
KEYS = LogKeys.of("https://portal.example", KeySet([new_key("1")]))


def test_the_example_of_a_signed_note() -> None:
    verifier, note = Verifier.read(NEUMANN), read_note(CRYPTOGRAPHY)
    assert (str(verifier), str(note)) == (NEUMANN, CRYPTOGRAPHY)
    assert is_signed(note, [verifier])
    assert not is_signed(Note(note.text + "!\n", note.signatures), [verifier])
    assert not is_signed(note, [])


def test_the_example_of_a_checkpoint() -> None:
    note = read_note(SOFA)
    checkpoint = read_checkpoint(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert (checkpoint.text, str(note)) == (note.text, SOFA)
    word = note.signatures[1]
    assert (word.name, word.key_id.hex(), len(word.value)) == ("witness.example.com/w1", "8d66cf3f", 8 + 64)
    assert datetime.fromtimestamp(int.from_bytes(word.value[:8]), UTC) == AT


def test_a_witnesss_word_is_over_its_time_and_the_whole_text() -> None:
    private = Ed25519PrivateKey.from_private_bytes(SECRET)
    text = read_note(SOFA).text
    word = cosign(text, "noord.example", private, AT)
    message = b"cosignature/v1\ntime 1679315147\n" + text.encode()
    assert word.value == (1679315147).to_bytes(8) + private.sign(message)
    own = Verifier("noord.example", Kind.COSIGNATURE, private.public_key())
    assert cosigned_at(text, word, own) == AT
    assert cosigned_at(text.replace("20852163", "20852164"), word, own) is None
    assert cosigned_at(text, word, Verifier("west.example", Kind.COSIGNATURE, private.public_key())) is None
    assert cosigned_at(text, word, Verifier("noord.example", Kind.ED25519, private.public_key())) is None


def test_a_log_and_a_witness_are_named_by_their_address() -> None:
    assert origin_of("https://portal.example:8443") == "portal.example:8443/log"
    assert witness_name("https://noord.example/gateway") == "noord.example/gateway"


def test_a_log_signs_and_knows_its_own() -> None:
    signed = KEYS.sign(Checkpoint("portal.example/log", 3, b"r" * 32))
    assert KEYS.read(str(signed))[0].size == 3
    other = LogKeys.of("https://portal.example", KeySet([new_key("1")]))
    with pytest.raises(Malformed, match="not_signed"):
        other.read(str(signed))
    with pytest.raises(Malformed, match="not_this_log"):
        LogKeys.of("https://registry.example", KeySet([new_key("1")])).read(str(signed))


def test_after_a_change_of_keys_what_was_signed_before_still_counts() -> None:
    old, new = new_key("1"), new_key("2")
    signed = LogKeys.of("https://portal.example", KeySet([old])).sign(Checkpoint("portal.example/log", 3, b"r" * 32))
    both = LogKeys.of("https://portal.example", KeySet([new, old]))
    assert both.read(str(signed))[0].size == 3
    assert (
        both.sign(Checkpoint("portal.example/log", 4, b"r" * 32)).signatures[0].key_id != signed.signatures[0].key_id
    )


def test_a_line_of_a_known_key_that_does_not_fit_spoils_the_note() -> None:
    signed = KEYS.sign(Checkpoint("portal.example/log", 3, b"r" * 32))
    other = KEYS.sign(Checkpoint("portal.example/log", 4, b"r" * 32))
    assert not is_signed(Note(signed.text, (*signed.signatures, *other.signatures)), KEYS.verifiers)


def test_lines_of_strangers_count_for_nothing() -> None:
    note, private = read_note(SOFA), Ed25519PrivateKey.from_private_bytes(SECRET)
    stranger = cosign(note.text, "stranger.example", private, AT)
    known = verifiers_of("noord.example", KeySet([new_key("1")]), Kind.COSIGNATURE)
    assert cosigners(Note(note.text, (*note.signatures, stranger)), known) == {}


def test_other_keys_sign_no_log() -> None:
    with pytest.raises(Malformed, match="key_file"):
        LogKeys.of("https://portal.example", KeySet([new_rsa_key("1")]))
    readers = LogKeys.of(
        "https://portal.example", KeySet.import_key_set(KeySet([new_key("1")]).as_dict(private=False))
    )
    with pytest.raises(Malformed, match="key_file"):
        readers.sign(Checkpoint("portal.example/log", 3, b"r" * 32))


@pytest.mark.parametrize(
    "text",
    [
        "a/log\n5\n",
        "a/log\n05\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a/log\n-5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a/log\n٥\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a/log\n5\nCsUYapGGPo4dkMg=\n",
        "a/log\n5\n!\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="checkpoint"):
        read_checkpoint(text)


@pytest.mark.parametrize(
    "text", ["", "a\n", "a\n\n", "a\n\n— b\n", "a\n\n- b AAAAAAAA\n", "a\n\n— b AAAAAAAA", "a\t\n\n— b AAAAAAAA\n"]
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="note"):
        read_note(text)


@given(st.text(max_size=200))
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    for read in (read_note, read_checkpoint, Verifier.read):
        try:
            read(text)
        except Malformed:
            continue
