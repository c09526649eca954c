"""How long, how wide, and in which state."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cast import NOW

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.domain.grant import Grant, Receiver, narrow
from beeldpas.domain.share import MAX_ATTEMPTS, ShareState, ShareTerms, parse_days, state_of

UIDS = st.frozensets(st.sampled_from([f"1.2.{n}" for n in range(6)]))
TIMES = st.integers(-50, 50).map(lambda hours: NOW + timedelta(hours=hours))


def terms(**changed: object) -> ShareTerms:
    asked = {"for_whom": " dr.  Dekker ", "days": "", "language": "nl", "allow_self_declared": True} | changed
    return ShareTerms.parse(**asked)  # type: ignore[arg-type]


def test_a_share_lasts_fourteen_days_unless_the_patient_says_otherwise() -> None:
    assert terms() == ShareTerms("dr. Dekker", 14, "nl", True, "")


@pytest.mark.parametrize("days", ["1", "30", " 7 "])
def test_one_to_thirty_days_may_be_chosen(days: str) -> None:
    assert parse_days(days) == int(days)


@pytest.mark.parametrize("days", ["0", "31", "-1", "1.5", "veertien", "٣", "9" * 30])
def test_other_lengths_are_out_of_range(days: str) -> None:
    with pytest.raises(Malformed, match="share_date_out_of_range"):
        terms(days=days)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"for_whom": "  "}, "share_for_whom_missing"),
        ({"for_whom": "x" * 121}, "text_too_long"),
        ({"note": "x" * 501}, "text_too_long"),
        ({"language": "xx"}, "language"),
    ],
)
def test_a_form_that_misses_something_says_what(changed: dict[str, object], reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        terms(**changed)


@given(st.booleans(), st.integers(0, 20), TIMES)
def test_a_share_is_live_only_when_nothing_speaks_against_it(revoked: bool, spent: int, ends: object) -> None:
    state = state_of(expires_at=ends, revoked_at=NOW if revoked else None, attempts_spent=spent, now=NOW)  # type: ignore[arg-type]
    assert (state is ShareState.LIVE) == (not revoked and ends > NOW and spent < MAX_ATTEMPTS)  # type: ignore[operator]
    assert (state is ShareState.REVOKED) == revoked


@given(st.booleans(), st.integers(0, 20), st.sampled_from([0, 3]), TIMES)
def test_a_suspended_share_is_never_live_and_still_ends_on_its_day(
    suspended: bool, spent: int, extra: int, ends: object
) -> None:
    state = state_of(
        expires_at=ends,  # type: ignore[arg-type]
        revoked_at=None,
        attempts_spent=spent,
        now=NOW,
        suspended_at=NOW if suspended else None,
        extra_attempts=extra,
    )
    open_still = ends > NOW  # type: ignore[operator]
    assert (state is ShareState.SUSPENDED) == (suspended and open_still)
    assert (state is ShareState.LIVE) == (not suspended and open_still and spent < MAX_ATTEMPTS + extra)


@given(UIDS, UIDS, TIMES, TIMES)
def test_a_grant_is_never_wider_or_longer_than_its_basis(
    basis: frozenset[str], asked: frozenset[str], end: object, asked_end: object
) -> None:
    try:
        studies, ends_at = narrow(basis_studies=basis, basis_end=end, asked=asked, asked_end=asked_end)  # type: ignore[arg-type]
    except Refused as refused:
        assert refused.reason == "outside_basis"
        assert not asked or not asked <= basis
        return
    assert studies == asked <= basis
    assert ends_at <= end  # type: ignore[operator]


def test_a_grant_covers_its_studies_until_it_ends() -> None:
    receiver = Receiver("self-declared", "Dr. D. Dekker", "Kliniek De Linde")
    grant = Grant("g", "noord", "share", "https://portal", frozenset({"1.2.3"}), NOW, receiver, 7)
    assert grant.covers("1.2.3")
    assert not grant.covers("1.2.3.")
    assert grant.is_live(NOW - timedelta(seconds=1))
    assert not grant.is_live(NOW)
