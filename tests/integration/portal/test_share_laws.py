"""Whatever people do with a share, in whatever order: no grant is wider or longer than its share, nothing is given
after a stop or an end or while it is paused, and wrong PINs get ten looks at most, or thirteen once unlocked."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.cast import DEKKER, EVERS
from tests.sharing_town import HEAD_CT, KNEE_MR, MIGRATIONS, TERMS, Town, wrong

from beeldpas.database.engine import migrate, open_engine
from beeldpas.domain.errors import BeeldpasError, Refused
from beeldpas.domain.secret import OneTimeCode
from beeldpas.domain.share import MAX_ATTEMPTS, UNLOCK_ATTEMPTS, ShareTerms, days_lasting
from beeldpas.domain.stopping import Ground
from beeldpas.portal import pin
from beeldpas.portal.actions import view_shares
from beeldpas.portal.actions.allow_organisation import allow_organisation
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.exchange_code import exchange_code
from beeldpas.portal.actions.extend_share import extend_share
from beeldpas.portal.actions.make_call_code import make_call_code
from beeldpas.portal.actions.preview_share import Choice
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.refuse_organisation import refuse_organisation
from beeldpas.portal.actions.replace_code import replace_code
from beeldpas.portal.actions.resume_share import resume_share
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.actions.suspend_share import suspend_share
from beeldpas.portal.actions.take_call import hang_up, take_call
from beeldpas.portal.actions.unlock_share import unlock_share
from beeldpas.portal.store.tables import grant_study, issued_grant, share, share_organisation

Result = TypeVar("Result")
GASTON = ("Dr. G. Gaston", "Praktijk Gaston", None)
WHO = st.sampled_from([DEKKER, EVERS, GASTON])
SHARED = {"noord": {HEAD_CT}, "west": {KNEE_MR}}


class ShareLaws(RuleBasedStateMachine):
    """One share in the hands of one patient, three providers and a helpdesk."""

    database: str

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.engine = open_engine(self.database)
        self.town = Town.build(self.engine)
        self.stopped = False
        self.paused = False
        self.most = MAX_ATTEMPTS
        self.wrong_since_new_code = 0
        self.welcome: set[str] = set()
        self.handles: dict[str, Asker] = {}

    def teardown(self) -> None:
        self.run(self.engine.dispose())
        self.runner.close()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    @initialize(days=st.integers(1, 30), open_to_all=st.booleans())
    def make(self, days: int, open_to_all: bool) -> None:
        self.strict = not open_to_all
        self.anna = self.run(self.town.patient())
        chosen = (Choice(HEAD_CT, "noord"), Choice(KNEE_MR, "west"))
        terms = ShareTerms(TERMS.for_whom, days, allow_self_declared=open_to_all)
        self.made = self.run(self.town.share(self.anna, *chosen, terms=terms))
        self.begun, self.expires_at = self.town.clock.now, self.made.expires_at
        self.visits = {
            who: {proof: self.town.provider(who, verified=proof) for proof in (True, False)}
            for who in (DEKKER, EVERS, GASTON)
        }

    @property
    def open(self) -> bool:
        return not self.stopped and self.town.clock.now < self.expires_at

    @property
    def live(self) -> bool:
        return self.open and not self.paused

    @rule(who=WHO, verified=st.booleans())
    def redeem(self, who: tuple[str, str, str | None], verified: bool) -> None:
        asker = self.visits[who][verified]
        may = self.live and self.wrong_since_new_code < self.most and (verified or not self.strict)
        first = not self.welcome
        welcome = first or asker.organisation_key in self.welcome
        try:
            opened = self.run(redeem_share(self.town.house, asker, self.made.code, self.made.pin))
        except Refused as refusal:
            assert not (may and welcome), refusal.reason
            return
        assert may
        assert welcome
        if first:
            self.welcome.add(asker.organisation_key)
        for part in opened.share.hospitals:
            assert {one.study.uid for one in part.studies} == SHARED[part.hospital.gateway_id]
            self.handles[part.grant_handle] = asker

    @rule(who=WHO, verified=st.booleans())
    def guess(self, who: tuple[str, str, str | None], verified: bool) -> None:
        looked_at = self.live and self.wrong_since_new_code < self.most and (verified or not self.strict)
        with pytest.raises(Refused):
            self.run(redeem_share(self.town.house, self.visits[who][verified], self.made.code, wrong(self.made.pin)))
        self.wrong_since_new_code += looked_at

    @rule(yes=st.booleans())
    def answer(self, yes: bool) -> None:
        seen = self.run(view_shares.one(self.town.house, self.anna, self.made.share_id))
        for waiting in seen.waiting[:1]:
            say = allow_organisation if yes else refuse_organisation
            try:
                self.run(say(self.town.house, self.anna, self.made.share_id, waiting.id))
            except Refused:
                assert not (self.live if yes else self.open)
                return
            assert self.live if yes else self.open
            if yes:
                self.welcome |= {
                    asker.organisation_key
                    for visits in self.visits.values()
                    for asker in visits.values()
                    if asker.organisation == waiting.name and self.asked(asker)
                }

    def asked(self, asker: Asker) -> bool:
        """Whether this very organisation (checked or declared) is the one that got a yes."""
        rows = self.run(self.town.rows(share_organisation, share_organisation.c.share_id == self.made.share_id))
        return any(row.organisation_key == asker.organisation_key and row.answer == "allowed" for row in rows)

    @rule()
    def new_code(self) -> None:
        try:
            self.made = self.run(replace_code(self.town.house, self.anna, self.made.share_id))
        except Refused:
            assert not self.live
            return
        assert self.live
        self.wrong_since_new_code, self.most = 0, MAX_ATTEMPTS

    @rule()
    def pause(self) -> None:
        try:
            self.run(suspend_share(self.town.house, self.town.agent(), self.made.reference, why="checking"))
        except Refused:
            assert not self.open
            return
        assert self.open
        self.paused = True

    @rule(by_helpdesk=st.booleans(), on_the_line=st.booleans())
    def lift(self, by_helpdesk: bool, on_the_line: bool) -> None:
        self.call(on_the_line)
        named = {"reference": self.made.reference} if by_helpdesk else {"share_id": self.made.share_id}
        asker = self.town.agent() if by_helpdesk else self.anna
        try:
            self.run(resume_share(self.town.house, asker, **named))
        except Refused:
            assert not self.open or (by_helpdesk and not on_the_line)
            return
        assert self.open
        self.paused = False

    @rule(on_the_line=st.booleans())
    def unlock(self, on_the_line: bool) -> None:
        self.call(on_the_line)
        may = self.live and on_the_line and self.wrong_since_new_code == self.most == MAX_ATTEMPTS
        try:
            self.run(unlock_share(self.town.house, self.town.agent(), self.made.reference))
        except Refused as refusal:
            assert not may, refusal.reason
            return
        assert may
        self.most += UNLOCK_ATTEMPTS

    def call(self, on_the_line: bool) -> None:
        """Anna reads out a call code, or nobody is on the line any more."""
        self.town.clock.pass_by(minutes=1)
        if on_the_line:
            code = self.run(make_call_code(self.town.house, self.anna)).code
            self.run(take_call(self.town.house, self.town.agent(), code))
        else:
            self.run(hang_up(self.town.house, self.town.agent()))

    @rule(days=st.integers(1, 12))
    def extend(self, days: int) -> None:
        try:
            self.expires_at = self.run(extend_share(self.town.house, self.anna, self.made.share_id, days))
        except Refused as refusal:
            assert not self.live or refusal.reason == "extend_too_long"

    @rule(hours=st.integers(1, 24 * 9))
    def time_passes(self, hours: int) -> None:
        self.town.clock.pass_by(hours=hours)

    @precondition(lambda self: len(self.handles) >= 2)
    @rule(by_helpdesk=st.booleans())
    def stop(self, by_helpdesk: bool) -> None:
        if by_helpdesk:
            ground = Ground("incident", incident="INC-14")
            agent, reference = self.town.agent(), self.made.reference
            stop = revoke_share(self.town.house, agent, reference=reference, why="lost", ground=ground)
        else:
            stop = revoke_share(self.town.house, self.anna, share_id=self.made.share_id, why="")
        assert self.run(stop).already == self.stopped
        self.stopped = True

    @precondition(lambda self: self.handles)
    @rule(data=st.data())
    def download(self, data: st.DataObject) -> None:
        handle = data.draw(st.sampled_from(sorted(self.handles)))
        try:
            download = self.run(start_download(self.town.house, self.handles[handle], handle, "nl"))
        except BeeldpasError:
            assert not self.live
            return
        assert self.live
        address = urlsplit(download.redirect_url)
        hospital = next(one for one in self.town.house.directory.hospitals if one.base_url.endswith(address.netloc))
        code = OneTimeCode(parse_qs(address.query)["code"][0])
        if data.draw(st.booleans()):
            self.run(revoke_share(self.town.house, self.anna, share_id=self.made.share_id, why=""))
            self.stopped = True
        try:
            token = self.run(exchange_code(self.town.house, hospital, code, f"{hospital.base_url}/download"))
        except Refused:
            assert not self.live
            return
        assert self.live
        assert timedelta(seconds=token.expires_in) <= self.expires_at - self.town.clock.now

    @invariant()
    def no_grant_is_wider_or_longer_than_its_share(self) -> None:
        if not hasattr(self, "made"):
            return
        stored = self.run(self.town.rows(share, share.c.share_id == self.made.share_id))[0]
        assert stored.attempts_spent == self.wrong_since_new_code <= self.most <= 13
        assert stored.expires_at == self.expires_at
        assert days_lasting(self.begun, stored.expires_at) <= 30
        grants = self.run(self.town.rows(issued_grant, issued_grant.c.share_id == self.made.share_id))
        assert {row.handle for row in grants} == set(self.handles)
        for row in grants:
            assert row.ends_at <= stored.expires_at
            assert (row.revoked_at is not None) == self.stopped
            assert (row.suspended_at is not None) == self.paused
            studies = self.run(self.town.rows(grant_study, grant_study.c.handle == row.handle))
            assert {one.study_uid for one in studies} <= SHARED[row.gateway_id]
        holders = {(row.receiver_key, row.gateway_id) for row in grants}
        assert len(holders) == len(grants)
        assert {self.handles[row.handle].organisation_key for row in grants} <= self.welcome


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.timeout(300)
def test_share_laws(kind: str, new_database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    url = new_database(kind)
    migrate(url, MIGRATIONS)
    monkeypatch.setattr(pin, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(ShareLaws, "database", url, raising=False)
    chosen = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # against a database, shrinking takes longer than reading the steps
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(ShareLaws, settings=chosen)
