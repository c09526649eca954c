"""Leaving out what hospitals contradict each other about: whose a study is, by the fingerprints that they publish.

Fingerprints by different keys cannot be compared: while a key is followed by another, each is compared with its own.
"""

from collections.abc import Iterable
from dataclasses import replace

from beeldpas.domain.identity import SIGN_IN, Attribute, Claim, Doubt, doubts
from beeldpas.domain.study import Study


def compared(claims: Iterable[Claim]) -> tuple[Doubt, ...]:
    """Return every doubt, by whichever key it shows; among the claims may be the sign-in's own (`SIGN_IN`)."""
    all_told = list(claims)
    told = [one for one in all_told if one.hospital != SIGN_IN]
    born = next((one.birth_date for one in all_told if one.hospital == SIGN_IN), "")
    keys = {_key(value) for one in told for value in (one.birth_date, one.sex)} - {""}
    return tuple(sorted({doubt for key in keys for doubt in doubts(_all_by(key, told), _known(key, born))}))


def without(studies: Iterable[Study], doubted: Iterable[Doubt]) -> tuple[Study, ...]:
    """Return the studies without the hospitals whose word on them is doubted; one that nobody else has goes.

    One that is only told of goes with any doubt about it: nobody here vouches for it.
    """
    gone = {(one.study_uid, one.hospital) for one in doubted}
    uids = {uid for uid, _ in gone}
    left = (
        replace(one, holdings=tuple(h for h in one.holdings if (one.uid, h.gateway_id) not in gone))
        for one in studies
    )
    return tuple(one for one in left if one.holdings or (one.elsewhere and one.uid not in uids))


def _all_by(key: str, claims: Iterable[Claim]) -> list[Claim]:
    return [_by(key, one) for one in claims]


def _known(key: str, born: str) -> dict[Attribute, str]:
    return {Attribute.BIRTH_DATE: born} if _key(born) == key else {}


def _by(key: str, claim: Claim) -> Claim:
    birth_date, sex = (value if _key(value) == key else "" for value in (claim.birth_date, claim.sex))
    return replace(claim, birth_date=birth_date, sex=sex)


def _key(fingerprint: str) -> str:
    return fingerprint.partition(".")[0]
