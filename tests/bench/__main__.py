"""Measures, and writes what it found: `python -m tests.bench [NAME…]` prints a table and fills build/bench.json.

A bench has the name of its function, which is that of the first row that it gives; without names, all of them run.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench.access_log import audit_append_per_s
from tests.bench.archives import (
    archive_folder_vs_nginx,
    archive_loose_vs_nginx,
    archive_s3_vs_single_get,
    archive_tls_vs_nginx_tls,
)
from tests.bench.dicomweb import archive_vs_orthanc_wado, frames_vs_orthanc, wado_metadata_vs_orthanc
from tests.bench.figures import Figure, keep, show
from tests.bench.ingest import ingest_mb_per_s
from tests.bench.large_selection import archive_ttfb_ms_5000
from tests.bench.policies import policy_decision_ms
from tests.bench.pseudonyms import pseudonyms
from tests.bench.registry import registry_lookup_p99_ms
from tests.bench.revoking import revoke_to_last_byte_s_p99
from tests.bench.timeline import timeline_first_ms
from tests.bench.tokens import token_per_s
from tests.bench.viewer import viewer_first_image_ms, viewer_scroll_stall_ms
from tests.house.tree import ROOT

BENCHES: tuple[Callable[[Path], list[Figure]], ...] = (
    archive_folder_vs_nginx,
    archive_loose_vs_nginx,
    archive_s3_vs_single_get,
    archive_tls_vs_nginx_tls,
    archive_ttfb_ms_5000,
    archive_vs_orthanc_wado,
    wado_metadata_vs_orthanc,
    frames_vs_orthanc,
    ingest_mb_per_s,
    revoke_to_last_byte_s_p99,
    policy_decision_ms,
    pseudonyms,
    audit_append_per_s,
    token_per_s,
    registry_lookup_p99_ms,
    timeline_first_ms,
    viewer_first_image_ms,
    viewer_scroll_stall_ms,
)


def main(names: list[str]) -> None:
    """Run the benches of these names, one after the other: two at once would measure each other."""
    known = {bench.__name__: bench for bench in BENCHES}
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"No bench is named {', '.join(unknown)}. There are: {', '.join(known)}.")
    figures: list[Figure] = []
    for name in names or known:
        figures += known[name](ROOT / "build" / "bench")
        keep(figures)
    show(figures)


if __name__ == "__main__":
    main(sys.argv[1:])
