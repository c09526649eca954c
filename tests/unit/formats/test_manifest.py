"""MANIFEST.JSN: the same bytes every time, and no other ones."""

import json
from base64 import urlsafe_b64encode

import pytest
from joserfc.jwk import KeySet

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.formats.jose import new_key, sign
from beeldpas.formats.manifest import read_manifest, sign_manifest

KEY = new_key("noord-1")
KEYS = KeySet([KEY])
CONTENT = {"studies": [{"uid": "1.2.3", "instances": 2}], "files": [{"path": "DICOM/ST000001", "sha256": "00"}]}


def test_what_is_signed_can_be_read_back():
    content = read_manifest(sign_manifest(CONTENT, KEY), KEYS)
    assert content == {"format": "urn:beeldpas:manifest:1", **CONTENT}


def test_the_same_content_is_the_same_file():
    assert sign_manifest(CONTENT, KEY) == sign_manifest(dict(reversed(CONTENT.items())), KEY)


def test_an_altered_manifest_is_refused():
    signed = json.loads(sign_manifest(CONTENT, KEY))
    signed["payload"] = urlsafe_b64encode(b'{"format":"urn:beeldpas:manifest:1","files":[]}').rstrip(b"=").decode()
    with pytest.raises(Refused, match="manifest_signature"):
        read_manifest(json.dumps(signed).encode(), KEYS)


def test_a_manifest_by_a_stranger_is_refused():
    with pytest.raises(Refused, match="manifest_signature"):
        read_manifest(sign_manifest(CONTENT, new_key("noord-1")), KEYS)


def test_the_list_of_a_very_large_download_can_be_read_back():
    long = {"files": ["x" * 50_000_000]}
    assert len(read_manifest(sign_manifest(long, KEY), KEYS)["files"][0]) == 50_000_000


@pytest.mark.parametrize("file", [b"", b"[]", b"{}", b'{"payload": 1}', b"\xff"])
def test_what_is_no_manifest_is_no_manifest(file):
    with pytest.raises((Malformed, Refused)):
        read_manifest(file, KEYS)


def test_another_message_of_the_same_hospital_is_no_manifest():
    protected, payload, signature = sign({"iss": "x"}, typ="preview+jwt", key=KEY).split(".")
    other = json.dumps({"protected": protected, "payload": payload, "signature": signature})
    with pytest.raises(Malformed, match="manifest"):
        read_manifest(other.encode(), KEYS)
