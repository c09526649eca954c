"""The migrations make exactly the tables that the code names, on both engines, and run again without harm."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url
from tests.sharing_town import MIGRATIONS

from beeldpas.database.engine import migrate
from beeldpas.portal.store.tables import metadata


def test_the_migrated_tables_are_those_of_the_code(portal_database: str) -> None:
    migrate(portal_database, MIGRATIONS)
    url = make_url(portal_database)
    engine = create_engine(url.set(drivername="sqlite") if url.get_backend_name() == "sqlite" else url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
