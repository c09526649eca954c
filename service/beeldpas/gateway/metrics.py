"""What the gateway counts, for the hospital's own monitoring."""

from prometheus_client import CollectorRegistry, Counter, Gauge

registry = CollectorRegistry()
bytes_served = Counter("beeldpas_gateway_bytes_served", "Bytes of images and archives sent", registry=registry)
uses_ended = Counter("beeldpas_gateway_uses_ended", "Uses by how they ended", ["kind", "outcome"], registry=registry)
objects_failed = Counter(
    "beeldpas_gateway_objects_failed", "Answers cut because an object was gone, altered or unreadable", ["reason"],
    registry=registry,
)  # fmt: skip
running = Gauge("beeldpas_gateway_running", "Answers under way", registry=registry)
outbox_waiting = Gauge("beeldpas_gateway_outbox_waiting", "Uses that no issuer was told of yet", registry=registry)
audit_waiting = Gauge(
    "beeldpas_gateway_audit_waiting", "Messages that the audit repository was not sent yet", registry=registry
)
studies_withheld = Gauge("beeldpas_gateway_studies_withheld", "Studies in quarantine", registry=registry)
instances_damaged = Gauge(
    "beeldpas_gateway_instances_damaged", "Instances that the scrub found gone or altered", registry=registry
)
instances_rejected = Gauge(
    "beeldpas_gateway_instances_rejected", "Instances held back by a rejection note", registry=registry
)
recalls = Gauge(
    "beeldpas_gateway_recalls", "Deliveries of what was taken back later (see gateway recall)", registry=registry
)
instances_held = Gauge("beeldpas_gateway_instances_held", "Instances in the index", registry=registry)
log_alarms = Gauge("beeldpas_gateway_log_alarms", "Logs that this hospital cosigns no more", registry=registry)
log_cosigned_at = Gauge(
    "beeldpas_gateway_log_cosigned_at", "When a log last grew under this hospital's eyes, in Unix seconds", ["log"],
    registry=registry,
)  # fmt: skip
studies_staged = Counter("beeldpas_gateway_studies_staged", "Studies fetched whole from the PACS", registry=registry)
staged_bytes = Counter("beeldpas_gateway_staged_bytes", "Bytes that came from the PACS", registry=registry)
staging_failed = Counter(
    "beeldpas_gateway_staging_failed", "Tries to fetch a study that failed", ["reason"], registry=registry
)
