"""What stands for a code, a PIN or a person: useless without its key, and still known after a new key came."""

import stat
from pathlib import Path

import pytest

from beeldpas.domain.codes import PIN, ShareCode
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.portal.fingerprint import fingerprint, fingerprints
from beeldpas.portal.link import open_link, seal_link
from beeldpas.portal.pin import hash_pin, is_pin
from beeldpas.portal.pseudonym import pairwise
from beeldpas.portal.secrets import KeyRing, Secrets, load_secrets, write_new_secrets

CODE = ShareCode.new(b"0123456789")
PORTAL = "https://portal.example"


def rotated(old: Secrets) -> Secrets:
    """The same rings with a newer key before the old ones."""
    rings = (old.pairwise, old.fingerprint, old.pin, old.link, old.session, old.address)
    return Secrets(*(KeyRing((*KeyRing.new("new").keys, *ring.keys)) for ring in rings))


def test_secrets_survive_the_file_that_only_their_owner_reads(tmp_path: Path) -> None:
    made = write_new_secrets(tmp_path / "secrets.json")
    assert load_secrets(tmp_path / "secrets.json") == made
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_new_secrets(tmp_path / "secrets.json")


@pytest.mark.parametrize("content", ["{}", "[]", "nothing", '{"pairwise": []}'])
def test_a_broken_secrets_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "secrets.json").write_text(content)
    with pytest.raises(Malformed):
        load_secrets(tmp_path / "secrets.json")


def test_a_short_key_is_no_key(tmp_path: Path) -> None:
    write_new_secrets(tmp_path / "secrets.json")
    text = (tmp_path / "secrets.json").read_text()
    key = text.split('"key": "')[1].split('"')[0]
    (tmp_path / "secrets.json").write_text(text.replace(key, "c2hvcnQ="))
    with pytest.raises(Malformed):
        load_secrets(tmp_path / "secrets.json")


def test_keys_never_show_themselves() -> None:
    secrets = Secrets.new()
    assert secrets.pin.newest[1].hex() not in repr(secrets)
    assert repr(secrets.pin.newest[1])[2:-1] not in repr(secrets) + repr(secrets.pin)


def test_two_hospitals_have_two_names_for_one_receiver() -> None:
    secrets = Secrets.new()
    assert pairwise(secrets, "noord", "dekker") != pairwise(secrets, "west", "dekker")


def test_a_code_is_found_by_its_fingerprint_also_after_a_new_key() -> None:
    old = Secrets.new()
    kept = fingerprint(old, CODE)
    assert kept in fingerprints(rotated(old), CODE)
    assert fingerprint(rotated(old), CODE) != kept
    assert kept not in fingerprints(Secrets.new(), CODE)


async def test_a_pin_is_known_again_for_its_share_only_and_also_after_a_new_pepper() -> None:
    old, pin = Secrets.new(), PIN.new(482913)
    kept = await hash_pin(old, "share-1", pin)
    assert "$argon2id$" in kept
    assert "m=65536,t=3,p=4" in kept
    assert await is_pin(rotated(old), kept, "share-1", pin)
    assert not await is_pin(old, kept, "share-2", pin)
    assert not await is_pin(old, kept, "share-1", PIN.new(482914))
    assert not await is_pin(Secrets.new(), kept, "share-1", pin)
    assert not await is_pin(Secrets(*[KeyRing.new("gone")] * 6), kept, "share-1", pin)


def test_a_link_opens_as_a_whole_as_envelope_and_as_typed_code() -> None:
    secrets = Secrets.new()
    link = seal_link(secrets, PORTAL, CODE)
    assert link.startswith(f"{PORTAL}/s#{CODE.reveal()}.")
    envelope = link.partition("#")[2]
    typed = CODE.grouped().lower().replace("0", "o")
    for text in (link, envelope, f"  {link}\n", link.replace("#", "%23"), CODE.reveal(), CODE.grouped(), typed):
        assert open_link(secrets, text) == CODE


def test_a_link_signed_with_an_older_key_still_opens() -> None:
    old = Secrets.new()
    assert open_link(rotated(old), seal_link(old, PORTAL, CODE)) == CODE


def test_a_forged_link_is_unknown_without_a_look_into_the_database() -> None:
    link = seal_link(Secrets.new(), PORTAL, CODE)
    with pytest.raises(Refused) as refusal:
        open_link(Secrets.new(), link)
    assert refusal.value.reason == "code_unknown"
    other = ShareCode.new(b"9876543210").reveal()
    secrets = Secrets.new()
    swapped = seal_link(secrets, PORTAL, CODE).replace(CODE.reveal(), other)
    with pytest.raises(Refused):
        open_link(secrets, swapped)


def test_a_link_that_a_mail_filter_stripped_says_so() -> None:
    for text in (f"{PORTAL}/s", f"{PORTAL}/s#", "https://filter.example/?u=https%3A%2F%2Fportal.example%2Fs"):
        with pytest.raises(Malformed) as error:
            open_link(Secrets.new(), text)
        assert error.value.reason == "link_stripped"


def test_a_mistyped_code_is_found_out_before_anything_is_asked() -> None:
    secrets = Secrets.new()
    code = CODE.reveal()
    mistyped = ("X" if code[0] != "X" else "Y") + code[1:]
    for text in (mistyped, code[:-1], "", "   ", code + "A", f"{code}.abc", "<script>", "\x00" * 17):
        with pytest.raises(Malformed) as error:
            open_link(secrets, text)
        assert error.value.reason == "code_mistyped"
