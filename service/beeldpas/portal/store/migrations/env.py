"""Alembic's way in. `beeldpas.database.engine.migrate` sets the URL."""

from beeldpas.database.migrate import run
from beeldpas.portal.store.tables import metadata

run(metadata)
