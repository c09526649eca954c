"""The migrations make exactly the tables that the code names, on both engines."""

import pkgutil
from importlib import import_module

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url
from tests.conftest import NewDatabase

from beeldpas.database.engine import migrate
from beeldpas.gateway import store
from beeldpas.gateway.app import MIGRATIONS
from beeldpas.gateway.store.tables import metadata


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_migrated_tables_are_those_of_the_code(kind: str, new_database: NewDatabase) -> None:
    for module in pkgutil.iter_modules(store.__path__, f"{store.__name__}."):
        if not module.ispkg:
            import_module(module.name)
    database = new_database(kind)
    migrate(database, MIGRATIONS)
    url = make_url(database)
    engine = create_engine(url.set(drivername="sqlite") if url.get_backend_name() == "sqlite" else url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
