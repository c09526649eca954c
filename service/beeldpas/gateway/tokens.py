"""Access tokens: who may see which studies here, by the word of an issuer that this hospital trusts.

Everything that is not exactly as it should be is one and the same refusal; only the log says what it was.
*Source:* RFC 9068 (at+jwt), RFC 9396 (authorization_details); docs/wire.md §4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast, get_args

import structlog
from joserfc.jwk import KeySet

from beeldpas.domain.errors import Refused
from beeldpas.domain.grant import Basis, Grant, Receiver, ReceiverKind
from beeldpas.domain.uid import is_uid
from beeldpas.formats import jose
from beeldpas.gateway.release import Onlooker
from beeldpas.gateway.settings import GatewaySettings, IssuerSettings

AT_JWT = "at+jwt"
DETAILS_TYPE = "urn:beeldpas:imaging:1"
LONGEST_SECONDS = 300
_MOST_STUDIES = 500
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer of the settings, with its public keys."""

    settings: IssuerSettings
    keys: KeySet

    @property
    def iss(self) -> str:
        """Its name."""
        return self.settings.iss


@dataclass(frozen=True, slots=True)
class Admission:
    """What a token admits to. `key` names the entry of the status list that can end it.

    `confirmed`: the generation of the index that the patient saw; None when nobody says. `address`: where from.
    `stands_in`: who it was given by, or to, stands in for the patient; so it counts when nobody says.
    """

    grant: Grant
    subject: str
    purpose: str
    language: str
    status_uri: str
    confirmed: int | None
    address: str = ""
    stands_in: bool = True

    @property
    def key(self) -> tuple[str, int]:
        """List and index."""
        return self.status_uri, self.grant.status_index

    def onlooker(self, now: datetime) -> Onlooker:
        """Return for whom something is looked up."""
        return Onlooker.at(now, stands_in=self.stands_in)


class Trust:
    """The issuers that this gateway believes, and what it is called itself."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._audience = settings.base_url
        self._gateway_id = settings.gateway_id
        self.issuers: Mapping[str, TrustedIssuer] = {
            issuer.iss: TrustedIssuer(issuer, jose.load_keys(issuer.keys_file)) for issuer in settings.issuers
        }

    @property
    def askers(self) -> dict[str, KeySet]:
        """Whose questions are answered: the keys by issuer."""
        return {issuer.iss: issuer.keys for issuer in self.issuers.values()}

    def admit(self, token: str, now: datetime) -> Admission:
        """Read an access token. Not checked: its entry in the status list. Raises: Refused("invalid_token")."""
        issuer = self.issuers.get(jose.unverified_issuer(token))
        if issuer is None:
            raise _refused("unknown_issuer")
        try:
            claims = jose.verify(
                token, typ=AT_JWT, keys=issuer.keys, issuer=issuer.iss, audience=self._audience, now=now
            )
        except Refused as error:
            raise _refused("unverified") from error
        try:
            return self._admission(claims, issuer, now)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise _refused("unreadable") from error

    def _admission(self, claims: Mapping[str, Any], issuer: TrustedIssuer, now: datetime) -> Admission:
        (details,) = claims["authorization_details"]
        self._check(claims, details, issuer)
        status = claims["status"]["status_list"]
        receiver = claims["receiver"]
        grant = Grant(
            handle=_text(claims["grant"]),
            gateway_id=self._gateway_id,
            basis=cast(Basis, details["basis"]),
            issuer=issuer.iss,
            studies=_studies(details["studies"]),
            ends_at=datetime.fromtimestamp(_number(details["not_after"]), UTC),
            receiver=Receiver(
                kind=cast(ReceiverKind, _one_of(receiver["kind"], get_args(ReceiverKind))),
                # DigiD hands over no name: a patient who downloads has none.
                name=_text(receiver["name"], empty=receiver["kind"] == "patient"),
                organisation=_text(receiver["organisation"], empty=True),
                ura=_text(receiver["ura"]) if receiver.get("ura") is not None else None,
            ),
            status_index=_number(status["idx"]),
        )
        if not grant.is_live(now):
            raise _refused("grant_ended")
        return Admission(
            grant=grant,
            subject=_text(claims["sub"]),
            purpose=_one_of(claims["purpose"], ("PATRQT", "TREAT")),
            language="nl" if claims.get("language") == "nl" else "en",
            status_uri=status["uri"],
            confirmed=_confirmed(details),
            stands_in=details.get("representative") is not False,
        )

    def _check(self, claims: Mapping[str, Any], details: Mapping[str, Any], issuer: TrustedIssuer) -> None:
        wrong = {
            "client": claims["client_id"] != self._audience,
            "token_id": not _text(claims["jti"]),
            "lifetime": claims["exp"] - claims["iat"] > LONGEST_SECONDS,
            "details_type": details["type"] != DETAILS_TYPE,
            "location": details["locations"] != [self._audience],
            "action": "retrieve" not in details["actions"],
            "basis": details["basis"] not in issuer.settings.bases,
            "status_list": claims["status"]["status_list"]["uri"] != issuer.settings.status_uri,
        }
        for why, is_wrong in wrong.items():
            if is_wrong:
                raise _refused(why)


def _studies(value: Any) -> frozenset[str]:
    if not isinstance(value, list) or not 0 < len(value) <= _MOST_STUDIES:
        raise ValueError("studies")
    if not all(isinstance(uid, str) and is_uid(uid) for uid in value):
        raise ValueError("study")
    return frozenset(value)


def _confirmed(details: Mapping[str, Any]) -> int | None:
    told = details.get("confirmed")
    return None if told is None else _number(told["generation"])


def _text(value: Any, empty: bool = False) -> str:
    if not isinstance(value, str) or len(value) > 256 or not (value or empty):
        raise ValueError("text")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("number")
    return value


def _one_of(value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError("unknown")
    return _text(value)


def _refused(why: str) -> Refused:
    log.warning("token_refused", why=why)
    return Refused("invalid_token")
