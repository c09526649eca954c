"""How sure a provider is of who somebody is: the eIDAS levels, and nothing that only looks like one.

A level can only be checked afterwards where the provider takes no `acr_values`, as DigiD's front does not.
*Source:* eIDAS implementing regulation 2015/1502; netherlands.md §1.2.
"""

from beeldpas.portal.settings import Level

_PREFIX = "http://eidas.europa.eu/LoA/"
_ORDER = ("low", "substantial", "high")


def reaches(minimum: Level, *given: object) -> bool:
    """Say whether the lowest of the levels that were given (None: was not) is at least the minimum.

    The same sign-in may be told at several places; none at all, or one that is unknown, reaches nothing.
    """
    places = [_place(value) for value in given if value is not None]
    return min(places, default=-1) >= _ORDER.index(minimum)


def _place(value: object) -> int:
    name = value.removeprefix(_PREFIX) if isinstance(value, str) and value.startswith(_PREFIX) else ""
    return _ORDER.index(name) if name in _ORDER else -1
