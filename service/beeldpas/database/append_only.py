"""Making a table append-only in the database itself: changing or removing a row fails, whoever tries.

Called by migrations. In production the program's role also gets INSERT and SELECT on such a table only.
"""

from sqlalchemy import Connection, text


def forbid_changes(connection: Connection, table: str) -> None:
    """Make UPDATE, DELETE (and TRUNCATE on PostgreSQL) of a table fail."""
    statements = _postgresql(table) if connection.dialect.name == "postgresql" else _sqlite(table)
    for statement in statements:
        connection.execute(text(statement))


def _sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("update", "delete")
    ]


def _postgresql(table: str) -> list[str]:
    function = f"{table}_is_append_only"
    return [
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
        # ALWAYS: a session that says it is a replica does not get around them.
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER",
    ]
