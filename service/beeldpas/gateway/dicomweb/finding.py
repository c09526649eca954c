"""What a path names, within the grant; anything else is one and the same 404.

Whether a study is granted is decided before the index is asked, so a study of somebody else costs exactly what one
that does not exist costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request

from beeldpas.domain.errors import NotFound
from beeldpas.gateway.holdings import HeldInstance, HeldSeries, HeldStudy
from beeldpas.gateway.house import House
from beeldpas.gateway.release import Onlooker
from beeldpas.gateway.tokens import Admission

_AS_GOOD_AS_NOW = timedelta(seconds=1)
_MOST_STUDIES = 64


@dataclass(frozen=True, slots=True)
class Found:
    """The instances that a path names, each with its series."""

    study: HeldStudy
    instances: Sequence[tuple[HeldSeries, HeldInstance]]

    def path(self, series: HeldSeries, instance: HeldInstance) -> str:
        """Return where an instance can be had alone."""
        return instance_path(self.study.uid, series.uid, instance.sop_uid)


def instance_path(study: str, series: str, instance: str) -> str:
    """Return the path of an instance below the gateway's address."""
    return f"/dicom-web/studies/{study}/series/{series}/instances/{instance}"


class Recent:
    """Studies that were looked up within the last second, for viewers, which ask for one frame after another."""

    def __init__(self) -> None:
        self._kept: dict[
            tuple[str, int | None, Onlooker], tuple[datetime, HeldStudy, dict[str, tuple[HeldSeries, HeldInstance]]]
        ] = {}

    async def instance(self, house: House, admission: Admission, request: Request) -> Found:
        """Find the one instance that a path names. Raises: NotFound, the same for foreign and unknown."""
        asked = request.path_params
        if not admission.grant.covers(asked["study"]):
            raise NotFound
        study, by_uid = await self._study(house, asked["study"], admission)
        series, instance = by_uid.get(asked["instance"], (None, None))
        if series is None or instance is None or series.uid != asked["series"]:
            raise NotFound
        return Found(study, [(series, instance)])

    async def _study(
        self, house: House, uid: str, admission: Admission
    ) -> tuple[HeldStudy, dict[str, tuple[HeldSeries, HeldInstance]]]:
        now = house.clock()
        confirmed, onlooker = admission.confirmed, admission.onlooker(now)
        name = uid, confirmed, onlooker
        at, study, by_uid = self._kept.get(name, (None, None, {}))
        if at is not None and study is not None and at <= now < at + _AS_GOOD_AS_NOW:
            return study, by_uid
        found = await house.shelf.study(uid, onlooker, confirmed)
        if found is None:
            self._kept.pop(name, None)
            await house.staging.require_whole([uid], onlooker)
            raise NotFound
        if found is not study:
            by_uid = {
                instance.sop_uid: (series, instance) for series in found.series for instance in series.instances
            }
        if len(self._kept) >= _MOST_STUDIES:
            self._kept.clear()
        self._kept[name] = now, found, by_uid
        return found, by_uid


async def find(house: House, admission: Admission, request: Request) -> Found:
    """Find what a path names within the grant.

    Raises: NotFound, the same for foreign and unknown; Unavailable("pacs") for what is granted and being fetched.
    """
    asked = request.path_params
    if not admission.grant.covers(asked["study"]):
        raise NotFound
    onlooker = admission.onlooker(house.clock())
    study = await house.shelf.study(asked["study"], onlooker, admission.confirmed)
    if study is None:
        await house.staging.require_whole([asked["study"]], onlooker)
        raise NotFound
    instances = [
        (series, instance)
        for series in study.series
        if asked.get("series") in (None, series.uid)
        for instance in series.instances
        if asked.get("instance") in (None, instance.sop_uid)
    ]
    if not instances:
        raise NotFound
    return Found(study, instances)
