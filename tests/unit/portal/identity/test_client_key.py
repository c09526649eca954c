"""The key that `beeldpas keys new --rsa` makes does both things that an OpenID client needs it for."""

from pathlib import Path

from joserfc import jwe
from tests.cast import NOW

from beeldpas.formats.jose import load_keys
from beeldpas.keys import write_new_keys
from beeldpas.portal.identity.relying_party import RelyingParty
from beeldpas.portal.settings import IssuerSettings


async def test_a_key_that_is_marked_for_signing_opens_encrypted_userinfo_too(tmp_path: Path):
    file = tmp_path / "client.jwks.json"
    write_new_keys(file, "portal-digid", rsa=True)
    settings = IssuerSettings(issuer="https://digid.example", client_id="portal", key_file=file)
    party = RelyingParty("digid", settings, base_url="https://portal.example", clock=lambda: NOW)
    public = load_keys(file).keys[0].as_dict(private=False)
    assert (public["alg"], public["use"]) == ("PS256", "sig")
    sealed = jwe.encrypt_compact({"alg": "RSA-OAEP", "enc": "A256GCM"}, b"claims", party._key, algorithms=_ALGORITHMS)
    assert jwe.decrypt_compact(sealed, party._key, algorithms=_ALGORITHMS).plaintext == b"claims"
    await party.close()


_ALGORITHMS = ["RSA-OAEP", "A256GCM"]
