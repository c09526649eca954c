"""What can be searched: studies, series and instances of a grant, each with the attributes of its level.

They come from the headers as they were indexed; a study is put together once for each state of the index.
"""

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beeldpas.database.engine import transaction
from beeldpas.gateway.dicomweb import attributes as names
from beeldpas.gateway.dicomweb.finding import instance_path
from beeldpas.gateway.holdings import HeldSeries, HeldStudy
from beeldpas.gateway.house import House
from beeldpas.gateway.index import model_of

Entry = Mapping[str, Mapping[str, Any]]
_MOST_STUDIES = 256
_ROOT = "/dicom-web/studies"


@dataclass(frozen=True, slots=True)
class Card:
    """One study: what is said of it, and of each of its series, by UID."""

    held: HeldStudy
    study: Entry
    series: Mapping[str, Entry]


class Catalogue:
    """Cards that were made lately."""

    def __init__(self) -> None:
        self._cards: OrderedDict[tuple[str, int], Card] = OrderedDict()

    async def card(self, house: House, held: HeldStudy) -> Card:
        """Return the card of a study as it is held now."""
        name = held.uid, id(held)
        known = self._cards.get(name)
        if known is not None and known.held is held:
            self._cards.move_to_end(name)
            return known
        firsts = [series.instances[0] for series in held.series]
        async with transaction(house.engine) as connection:
            models = [json.loads(model) for model in await model_of(connection, firsts)]
        base = house.settings.base_url
        card = Card(
            held,
            _study(held, models, base),
            {one.uid: _series(held, one, model, base) for one, model in zip(held.series, models, strict=True)},
        )
        self._cards[name] = card
        if len(self._cards) > _MOST_STUDIES:
            self._cards.popitem(last=False)
        return card


async def instances_of(house: House, card: Card, series: Sequence[HeldSeries]) -> list[tuple[HeldSeries, Entry]]:
    """Return every instance of some series with its whole header."""
    pairs = [(one, instance) for one in series for instance in one.instances]
    async with transaction(house.engine) as connection:
        models = await model_of(connection, [instance for _, instance in pairs])
    base = house.settings.base_url
    found: list[tuple[HeldSeries, Entry]] = []
    for (one, instance), model in zip(pairs, models, strict=True):
        address = base + instance_path(card.held.uid, one.uid, instance.sop_uid)
        found.append((one, {**json.loads(model), **_everywhere(address)}))
    return found


def _study(held: HeldStudy, models: Sequence[dict[str, Any]], base: str) -> Entry:
    entry = dict(_kept("studies", models[0]))
    modalities = sorted({series.modality for series in held.series if series.modality})
    classes = sorted({instance.sop_class for instance in held.instances})
    return entry | {
        names.MODALITIES: {"vr": "CS", "Value": modalities} if modalities else {"vr": "CS"},
        names.SOP_CLASSES: {"vr": "UI", "Value": classes},
        names.SERIES_IN_STUDY: {"vr": "IS", "Value": [len(held.series)]},
        names.INSTANCES_IN_STUDY: {"vr": "IS", "Value": [len(held.instances)]},
        **_everywhere(f"{base}{_ROOT}/{held.uid}"),
    }


def _series(held: HeldStudy, series: HeldSeries, model: dict[str, Any], base: str) -> Entry:
    return dict(_kept("series", model)) | {
        names.INSTANCES_IN_SERIES: {"vr": "IS", "Value": [len(series.instances)]},
        **_everywhere(f"{base}{_ROOT}/{held.uid}/series/{series.uid}"),
    }


def _kept(level: str, model: dict[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((tag, element) for tag, element in model.items() if names.may_stand_at(level, tag))


def _everywhere(address: str) -> dict[str, dict[str, Any]]:
    return {
        names.AVAILABILITY: {"vr": "CS", "Value": ["ONLINE"]},
        names.RETRIEVE_URL: {"vr": "UR", "Value": [address]},
    }
