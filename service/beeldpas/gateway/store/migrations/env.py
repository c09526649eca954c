"""Alembic's entry for the gateway's database."""

from beeldpas.database.migrate import run
from beeldpas.gateway.store.tables import metadata

run(metadata)
