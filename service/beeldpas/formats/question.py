"""A signed question: who asks, for whom, on behalf of which organisation, why and on what ground.

The portal signs one for each request to a registry or hospital; who is asked reads it, refuses what is
incomplete and records it. *Source:* docs/wire.md §1; NEN 7513 (what an access log must know of a request).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, cast, get_args
from uuid import uuid4

from joserfc.jwk import KeySet

from beeldpas.domain.errors import Refused
from beeldpas.domain.secret import Secret
from beeldpas.formats import jose

QUESTION_TYPE = "question+jwt"
LIFETIME = timedelta(seconds=60)

AskerKind = Literal["patient", "provider"]
Purpose = Literal["PATRQT", "TREAT"]
Basis = Literal["own", "share"]


@dataclass(frozen=True, slots=True)
class Question:
    """Why somebody asks. `subject` is opaque and never a BSN; `organisation` is a name or URA.

    `given_by`: who gave the share that a provider asks on, `patient`, `parent` or `mandate`; "" when nobody says.
    """

    asker: AskerKind
    role: str
    subject: str
    organisation: str
    purpose: Purpose
    basis: Basis
    given_by: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was verified. Not checked: whether `jti` was seen (remember until `expires_at`)."""

    question: Question
    issuer: str
    jti: str
    expires_at: datetime


def sign_question(question: Question, *, issuer: str, audience: str, now: datetime, key: KeySet) -> Secret:
    """Sign a question for one request to `audience`; it is worth something for sixty seconds, once."""
    issued = int(now.timestamp())
    claims = {
        "iss": issuer,
        "aud": audience,
        "iat": issued,
        "exp": issued + int(LIFETIME.total_seconds()),
        "jti": uuid4().hex,
        "sub": question.subject,
        "asker": {"kind": question.asker, "role": question.role},
        "organisation": question.organisation,
        "purpose": question.purpose,
        "basis": question.basis,
    } | ({"given_by": question.given_by} if question.given_by else {})
    return Secret(jose.sign(claims, typ=QUESTION_TYPE, key=key))


def read_question(token: str, *, askers: Mapping[str, KeySet], audience: str, now: datetime) -> Asked:
    """Return the question in a token by one of `askers` (issuer → keys).

    Raises: Refused("invalid_token") when it is not a fresh question of a known asker for this audience;
    Refused("question_incomplete") when it does not say who asks, for whom, why or on what ground.
    """
    issuer = jose.unverified_issuer(token)
    if issuer not in askers:
        raise Refused("invalid_token")
    claims = jose.verify(token, typ=QUESTION_TYPE, keys=askers[issuer], issuer=issuer, audience=audience, now=now)
    if claims["exp"] - claims["iat"] > LIFETIME.total_seconds():
        raise Refused("invalid_token")
    expires_at = datetime.fromtimestamp(claims["exp"], UTC)
    return Asked(_question(claims), issuer, _text(claims, "jti"), expires_at)


def _question(claims: jose.Claims) -> Question:
    asker = claims.get("asker")
    if not isinstance(asker, dict):
        raise Refused("question_incomplete", {"where": "asker"})
    return Question(
        asker=cast(AskerKind, _one_of(asker, "kind", get_args(AskerKind))),
        role=_text(asker, "role"),
        subject=_text(claims, "sub"),
        organisation=_text(claims, "organisation"),
        purpose=cast(Purpose, _one_of(claims, "purpose", get_args(Purpose))),
        basis=cast(Basis, _one_of(claims, "basis", get_args(Basis))),
        given_by=_text(claims, "given_by") if "given_by" in claims else "",
    )


def _text(claims: jose.Claims, name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > 200 or not value.isprintable():
        raise Refused("question_incomplete", {"where": name})
    return value


def _one_of(claims: jose.Claims, name: str, known: tuple[str, ...]) -> str:
    value = _text(claims, name)
    if value not in known:
        raise Refused("question_incomplete", {"where": name})
    return value
