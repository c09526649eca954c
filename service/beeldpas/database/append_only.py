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


def allow_erasure(connection: Connection, table: str, emptied: dict[str, str], kept: tuple[str, ...]) -> None:
    """Let an UPDATE through that empties a row of five years or older; all else stays as `forbid_changes` has it.

    `emptied` names the columns that become empty and the SQL of empty; `kept` all others, with the moment `at`.
    *Source:* Wabvpz art. 15e with NEN 7513: a log of access is kept for five years at least.
    """
    emptied_now = " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM {empty}" for column, empty in emptied.items())
    kept_now = " AND ".join(f"NEW.{column} = OLD.{column}" for column in kept)
    is_postgresql = connection.dialect.name == "postgresql"
    old = "OLD.at < now() - interval '5 years'" if is_postgresql else "OLD.at < datetime('now', '-5 years')"
    rule = f"{old} AND {emptied_now} AND {kept_now}"
    statements = _postgresql_erasure(table, rule, emptied) if is_postgresql else _sqlite_erasure(table, rule)
    for statement in statements:
        connection.execute(text(statement))


def _sqlite_erasure(table: str, rule: str) -> list[str]:
    rule = rule.replace("IS NOT DISTINCT FROM", "IS")
    return [
        f"DROP TRIGGER {table}_no_update",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN NOT ({rule}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    ]


def _postgresql_erasure(table: str, rule: str, emptied: dict[str, str]) -> list[str]:
    return [
        f"CREATE OR REPLACE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF TG_OP = 'UPDATE' THEN IF {rule} THEN RETURN NEW; END IF; END IF; "
        f"RAISE EXCEPTION '{table} is append-only'; END $$",
        f"GRANT UPDATE ({', '.join(emptied)}) ON {table} TO CURRENT_USER",
    ]
