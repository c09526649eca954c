"""What this hospital itself does not give out: its own forbids, beside the policies that come with the software.

A hospital writes `*.cedar` files into a folder of its own. They can only take away: a permit among them keeps the
gateway from starting, as does one that does not fit the schema (`policies/gateway`). What is forbidden is as if it
were not there, and a download says how many studies that were.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import cedarpy
import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.assets import asset
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.domain.grant import Receiver
from beeldpas.formats.dicom import dicom_date
from beeldpas.gateway.indexing import generation
from beeldpas.gateway.leases import Lease
from beeldpas.gateway.store import tables
from beeldpas.gateway.tokens import Admission
from beeldpas.policy.decision import SCHEMA_FILE, Part, PolicyDecisionPoint, Question

SERVE_STUDY = "serve_study"
_MOST_ANSWERS = 1024
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asking:
    """To whom studies would go, by whose word and on what ground."""

    receiver: Receiver
    issuer: str
    basis: str
    purpose: str

    @classmethod
    def of_lease(cls, lease: Lease) -> "Asking":
        """Who holds a lease."""
        return cls(lease.receiver, lease.issuer, lease.basis, lease.purpose)

    @classmethod
    def of_admission(cls, admission: Admission) -> "Asking":
        """Who shows a token."""
        grant = admission.grant
        return cls(grant.receiver, grant.issuer, grant.basis, admission.purpose)


class OwnRules:
    """The policies of a gateway: those that came with it, and the forbids of the hospital."""

    def __init__(self, folder: Path | None) -> None:
        """Raises: OSError; Malformed("policies") for a rule that does not fit, or that permits something."""
        ours = asset("policies") / "gateway"
        texts = [_text(ours), "" if folder is None else _only_forbids(_text(folder))]
        schema = (ours / SCHEMA_FILE).read_text(encoding="utf-8")
        self._policies = PolicyDecisionPoint("\n".join(texts), schema)
        self._answers: OrderedDict[tuple[object, ...], frozenset[str]] = OrderedDict()

    async def permitted(
        self, connection: AsyncConnection, studies: Collection[str], asking: Asking, now: datetime
    ) -> frozenset[str]:
        """Return which of the studies of a grant may be given; those that are not held are among them.

        An answer holds until the index changes or the day is over.
        """
        name = (frozenset(studies), asking, await generation(connection), now.date())
        if name not in self._answers:
            self._answers[name] = frozenset(studies) - await self._forbidden(connection, studies, asking, now)
            if len(self._answers) > _MOST_ANSWERS:
                self._answers.popitem(last=False)
        return self._answers[name]

    async def narrowed(self, connection: AsyncConnection, admission: Admission, now: datetime) -> Admission:
        """Return what a token admits to here. Raises: Refused("hospital_forbids") when nothing is left of it."""
        grant = admission.grant
        studies = await self.permitted(connection, grant.studies, Asking.of_admission(admission), now)
        if not studies:
            raise Refused("hospital_forbids")
        return admission if studies == grant.studies else replace(admission, grant=replace(grant, studies=studies))

    async def _forbidden(
        self, connection: AsyncConnection, studies: Collection[str], asking: Asking, now: datetime
    ) -> set[str]:
        facts = {"kind": asking.receiver.kind, "organisation": asking.receiver.organisation}
        checked = {"ura": asking.receiver.ura} if asking.receiver.ura else {}
        subject = Part("Receiver", "receiver", facts | checked)
        context = {"issuer": asking.issuer, "basis": asking.basis, "purpose": asking.purpose}
        forbidden = set()
        for study in await _known(connection, studies, now):
            decision = self._policies.decide(Question(subject, SERVE_STUDY, study, context))
            if not decision.allowed:
                log.warning("study_kept_back", policy=decision.policy)
                forbidden.add(study.id)
        return forbidden


async def _known(connection: AsyncConnection, studies: Collection[str], now: datetime) -> Iterable[Part]:
    """Return what the policies may know of those studies that the index has."""
    study, series = tables.study, tables.series
    found = await connection.execute(
        select(study.c.uid, study.c.description, study.c.study_date).where(study.c.uid.in_(studies))
    )
    kinds = await connection.execute(
        select(series.c.study_uid, series.c.modality).where(series.c.study_uid.in_(studies)).distinct()
    )
    modalities: dict[str, list[str]] = {}
    for row in kinds:
        modalities.setdefault(row.study_uid, []).append(row.modality)
    return [
        Part(
            "Study",
            row.uid,
            {"modalities": modalities.get(row.uid, []), "description": row.description, "granted": True}
            | _age(row.study_date, now),
        )
        for row in found
    ]


def _age(study_date: str, now: datetime) -> dict[str, int]:
    made = dicom_date(study_date)
    return {"age_days": (now.date() - made).days} if made else {}


def _text(folder: Path) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.cedar")))


def _only_forbids(text: str) -> str:
    try:
        effects = {policy.effect for policy in cedarpy.PolicySet.from_str(text).to_pst().static_policies.values()}
    except ValueError as error:
        raise Malformed("policies", {"where": str(error)}) from error
    if effects - {"forbid"}:
        raise Malformed("policies", {"where": "a hospital's own policies can only forbid"})
    return text
