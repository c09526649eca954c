"""Alembic's entry: runs the registry's migrations."""

from beeldpas.database.migrate import run
from beeldpas.registry.store.tables import METADATA

run(METADATA)
