"""How somebody wants the pages to be is kept for them, and for nobody whom they look for."""

import pytest
from tests.cast import BRAM
from tests.sharing_town import Town

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Malformed
from beeldpas.domain.preferences import Preferences
from beeldpas.portal.actions.set_preferences import set_preferences
from beeldpas.portal.store import preferences
from beeldpas.portal.store.tables import access_log

LARGE = Preferences("en", "larger", reports_on_request=True, thumbnails=True)


async def test_what_was_set_is_kept_and_stands_in_the_log_without_what_it_is(town: Town) -> None:
    anna, bram = await town.patient(), await town.patient(BRAM)
    await set_preferences(town.house, anna, Preferences("nl", "large"))
    await set_preferences(town.house, anna, LARGE)
    async with transaction(town.house.engine) as connection:
        assert await preferences.find(connection, anna.names) == LARGE
        assert await preferences.find(connection, bram.names) is None
    kinds = [row.kind for row in await town.rows(access_log.c.kind, access_log.c.patient == anna.subject)]
    assert kinds.count("set_preferences") == 2


async def test_an_older_name_is_found_and_the_newest_counts(town: Town) -> None:
    anna = await town.patient()
    await set_preferences(town.house, anna, LARGE)
    async with transaction(town.house.engine) as connection:
        assert await preferences.find(connection, ["k9.newer", anna.subject]) == LARGE


@pytest.mark.parametrize(
    "fields", [{}, {"language": "de", "text_size": "large"}, {"language": "nl", "text_size": "9"}]
)
def test_only_choices_of_the_page_are_taken(fields: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        Preferences.parse(fields)


def test_a_box_that_is_not_ticked_says_no() -> None:
    parsed = Preferences.parse({"language": "nl", "text_size": "normal"})
    assert parsed == Preferences()
