"""The rules by which a hospital keeps a study or its reports back, each as long as it stood in the index.

Like instances, rules are born in one generation and gone from another: what a download of before may give
stays known.
"""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, String, Table

from beeldpas.gateway.store.tables import metadata

# `kind`: see `gateway/release.py`. `until`: the first day on which reports may be seen, of an embargo only.
release_rule = Table(
    "release_rule",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("study_uid", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("until", Date),
    Column("born", BigInteger, nullable=False),
    Column("gone", BigInteger),
    Index("release_rule_study", "study_uid", "gone"),
)
