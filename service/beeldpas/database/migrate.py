"""What every program's `migrations/env.py` calls, so that the three of them hold one line each."""

from alembic import context
from sqlalchemy import MetaData, create_engine, make_url


def run(metadata: MetaData) -> None:
    """Run the pending migrations on the URL that Alembic was given, on a plain connection."""
    url = make_url(context.config.get_main_option("sqlalchemy.url") or "")
    if url.get_backend_name() == "sqlite":
        url = url.set(drivername="sqlite")
    engine = create_engine(url)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()
