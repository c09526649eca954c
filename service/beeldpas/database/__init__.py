"""How the programs that keep something open their database: SQLite embedded, PostgreSQL for real."""
