"""The catalogue of events: every kind, the details that it has, and who may read which field of it.

A field that a reader is not given here does not leave the table for that reader. There is one entry per verb, and
one per use that a hospital reports; a detail that is not in the catalogue is not stored.
*Source:* NEN 7513 §6 (contents of the log), Wabvpz art. 15e (the patient may read it).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

from beeldpas.domain.actions import Action


class Reader(StrEnum):
    """Who reads the log."""

    PATIENT = auto()
    HELPDESK = auto()
    HOSPITAL = auto()
    SECURITY = auto()


class Use(StrEnum):
    """What a hospital reports about what it served."""

    DOWNLOAD = auto()
    RETRIEVE = auto()


class Denial(StrEnum):
    """What a hospital notes of somebody who comes with a grant that holds no more."""

    REFUSE_USE = auto()


class Lookup(StrEnum):
    """What a registry answers, and what a person keeps from care providers in it."""

    SEARCH = auto()
    READ_MANIFEST = auto()
    RESTRICT_STUDY = auto()
    RELEASE_STUDY = auto()


class Change(StrEnum):
    """What a program notes when it starts with other policies or keys than at its last start."""

    POLICIES_CHANGED = auto()
    KEYS_CHANGED = auto()
    NAMES_CHANGED = auto()  # of people: the process that makes them has another set of keys


class Administration(StrEnum):
    """What an administrator does at a hospital's gateway, by its commands."""

    INGEST = auto()
    IMPORT_CROSSWALK = auto()
    LIST_PACS = auto()
    PUBLISH = auto()
    READ_LOG = auto()
    LIST_RECALLS = auto()
    KEEP_BACK = auto()
    LIFT_RULES = auto()


class Upkeep(StrEnum):
    """What a program erases past its term, and what a hospital saw of somebody else's log."""

    ERASE_LOG = auto()
    ERASE_SHARE = auto()
    ERASE_GRANTS = auto()
    FORGET_SHARES = auto()
    WITNESS_ALARM = auto()
    WITNESS_ACCEPTED = auto()
    IDENTITY_DOUBTED = auto()  # hospitals contradict each other about whose a study is


class Shape(StrEnum):
    """What sort of event it is in the standards' words; the exports know how each of them is written."""

    LOGIN = auto()
    LOGOUT = auto()
    QUERY = auto()
    READ = auto()
    DISCLOSURE = auto()
    CONSENT = auto()
    LOG_USED = auto()
    CONFIGURATION = auto()
    ADMINISTRATION = auto()
    RECORD = auto()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event: its details, the fields that each reader gets, and its shape in the exports."""

    details: frozenset[str]
    readable: Mapping[Reader, frozenset[str]]
    shape: Shape


_MOMENT = frozenset({"event_id", "at", "kind", "outcome", "reason", "source"})
_GROUND = frozenset({"on_behalf", "purpose", "basis"})
_WHO = frozenset({"actor_kind", "name", "organisation", "ura", "verified", "roles"})
_SHARE = frozenset({"reference"})
_COMMON = _MOMENT | _GROUND | _WHO | _SHARE | {"policy", "patient", "share_id", "actor", "address"}
# What tells of somebody's health, or is their own text: for the patient, never for security or the helpdesk.
_MEDICAL = frozenset({"studies", "report", "for_whom"})
_FOR_PATIENT = _MOMENT | _GROUND | _WHO | _SHARE
_FOR_HELPDESK = _MOMENT | _SHARE | {"organisation", "verified"}
# The hospital's own rows: who it served, under which name and from where, is what its auditors ask first.
_FOR_HOSPITAL = _MOMENT | _GROUND | _WHO | {"actor", "address"}


def _kind(
    *details: str, shape: Shape = Shape.RECORD, helpdesk: frozenset[str] | None = None, hospital: bool = False
) -> Kind:
    """Give the patient all details, security all but the medical ones, the others only what is named."""
    own = frozenset(details)
    return Kind(
        own,
        {
            Reader.PATIENT: _FOR_PATIENT | own,
            Reader.HELPDESK: frozenset() if helpdesk is None else _FOR_HELPDESK | helpdesk,
            Reader.HOSPITAL: _FOR_HOSPITAL | own if hospital else frozenset(),
            Reader.SECURITY: _COMMON | (own - _MEDICAL),
        },
        shape,
    )


_NO_DETAIL = frozenset[str]()
_USE = ("gateway", "hospital", "grant", "studies", "bytes", "phase", "received_at")
# On what ground the helpdesk stopped a share for good, and what many shares were stopped for at once.
_REVOKED_ON = ("ground", "number_from", "incident", "note", "bulk")
_BULK = ("bulk", "target", "incident", "why", "note", "shares", "grants")
CATALOGUE: Mapping[str, Kind] = {
    Action.SIGN_IN: _kind("door", shape=Shape.LOGIN),
    Action.SIGN_OUT: _kind("grants", shape=Shape.LOGOUT),
    Action.VIEW_TIMELINE: _kind("found", "missing", shape=Shape.QUERY),
    Action.PREVIEW_SHARE: _kind("studies", "hospitals", shape=Shape.READ, hospital=True),
    Action.MAKE_SHARE: _kind(
        "studies", "hospitals", "for_whom", "ends_at", "consent", shape=Shape.CONSENT, helpdesk=frozenset({"ends_at"})
    ),
    Action.VIEW_SHARES: _kind("found", shape=Shape.QUERY),
    Action.PRINT_LETTER: _kind(shape=Shape.READ, helpdesk=_NO_DETAIL),
    Action.REPLACE_CODE: _kind(shape=Shape.CONSENT, helpdesk=_NO_DETAIL),
    Action.EXTEND_SHARE: _kind("ends_at", shape=Shape.CONSENT, helpdesk=frozenset({"ends_at"})),
    Action.REVOKE_SHARE: _kind(
        "why", "grants", *_REVOKED_ON, shape=Shape.CONSENT, helpdesk=frozenset({"why", *_REVOKED_ON})
    ),
    Action.MAKE_CALL_CODE: _kind(shape=Shape.ADMINISTRATION),
    Action.RESUME_SHARE: _kind("ground", "grants", shape=Shape.CONSENT, helpdesk=frozenset({"ground"})),
    Action.ALLOW_ORGANISATION: _kind("receiver", shape=Shape.CONSENT),
    Action.REFUSE_ORGANISATION: _kind("receiver", shape=Shape.CONSENT),
    Action.OPEN_OWN: _kind("gateway", "hospital", "grant", "studies", shape=Shape.CONSENT),
    Action.VIEW_LOG: _kind("found", shape=Shape.LOG_USED),
    Action.REPORT_USE: _kind("event", "reported", helpdesk=frozenset({"event", "reported"})),
    Action.VIEW_NOTICES: _kind("found", shape=Shape.READ),
    Action.SET_ADDRESS: _kind(),
    Action.VERIFY_ADDRESS: _kind(),
    Action.REMOVE_ADDRESS: _kind("by"),
    Action.SET_PREFERENCES: _kind(),
    Action.REDEEM_SHARE: _kind(
        "attempts_left", "hospitals", shape=Shape.CONSENT, helpdesk=frozenset({"attempts_left"})
    ),
    Action.VIEW_SHARE: _kind(shape=Shape.READ, helpdesk=_NO_DETAIL),
    Action.START_DOWNLOAD: _kind("gateway", "hospital", "grant", shape=Shape.CONSENT, helpdesk=_NO_DETAIL),
    Action.VIEW_IMAGES: _kind("gateway", "hospital", "grant", shape=Shape.CONSENT, helpdesk=_NO_DETAIL),
    Action.READ_REPORT: _kind(
        "gateway", "hospital", "grant", "studies", "report", shape=Shape.CONSENT, helpdesk=_NO_DETAIL
    ),
    Action.EXCHANGE_CODE: _kind("gateway", "hospital", "grant", "jti", shape=Shape.CONSENT, hospital=True),
    Action.RECORD_USE: _kind("gateway", "stored", "refused", shape=Shape.ADMINISTRATION),
    Action.FIND_SHARE: _kind(shape=Shape.READ, helpdesk=_NO_DETAIL),
    Action.TAKE_CALL: _kind("found", "ended", shape=Shape.QUERY),
    Action.SUSPEND_SHARE: _kind("why", "note", "grants", shape=Shape.CONSENT, helpdesk=frozenset({"why", "note"})),
    Action.UNLOCK_SHARE: _kind("ground", "attempts", shape=Shape.CONSENT, helpdesk=frozenset({"ground", "attempts"})),
    Action.SUSPEND_ALL: _kind("number_from", "note", shape=Shape.CONSENT),
    Action.PROPOSE_BULK_REVOKE: _kind(*_BULK, shape=Shape.ADMINISTRATION),
    Action.VIEW_BULK_REVOKE: _kind("bulk", shape=Shape.ADMINISTRATION),
    Action.CONFIRM_BULK_REVOKE: _kind(*_BULK, shape=Shape.CONSENT, helpdesk=frozenset({"why", "incident", "bulk"})),
    Action.EXPORT_LOG: _kind("format", "since", "until", shape=Shape.LOG_USED, hospital=True),
    Use.DOWNLOAD: _kind(*_USE, shape=Shape.DISCLOSURE, helpdesk=frozenset({"phase"}), hospital=True),
    Use.RETRIEVE: _kind(*_USE, shape=Shape.DISCLOSURE, helpdesk=frozenset({"phase"}), hospital=True),
    Denial.REFUSE_USE: _kind("gateway", "hospital", "grant", "of", shape=Shape.CONSENT, hospital=True),
    Lookup.SEARCH: _kind("asker", "found", shape=Shape.QUERY),
    Lookup.READ_MANIFEST: _kind("asker", "found", shape=Shape.READ),
    Lookup.RESTRICT_STUDY: _kind("asker", "found", shape=Shape.CONSENT),
    Lookup.RELEASE_STUDY: _kind("asker", "found", shape=Shape.CONSENT),
    Change.POLICIES_CHANGED: _kind("fingerprint", "before", shape=Shape.CONFIGURATION, hospital=True),
    Change.NAMES_CHANGED: _kind("fingerprint", "before", shape=Shape.CONFIGURATION, hospital=True),
    Change.KEYS_CHANGED: _kind("fingerprint", "before", shape=Shape.CONFIGURATION, hospital=True),
    Upkeep.ERASE_LOG: _kind("count", "before", shape=Shape.LOG_USED, hospital=True),
    Upkeep.ERASE_SHARE: _kind("count", helpdesk=_NO_DETAIL),
    Upkeep.ERASE_GRANTS: _kind("count", shape=Shape.ADMINISTRATION),
    Upkeep.FORGET_SHARES: _kind("count", shape=Shape.ADMINISTRATION),
    Upkeep.WITNESS_ALARM: _kind("log", "size", "seen_size", shape=Shape.LOG_USED, hospital=True),
    Upkeep.IDENTITY_DOUBTED: _kind(
        "studies", "hospital", "against", "attribute", "outvoted", shape=Shape.ADMINISTRATION, hospital=True
    ),
    Upkeep.WITNESS_ACCEPTED: _kind("log", "seen_size", "why", shape=Shape.LOG_USED, hospital=True),
    **{one: _kind(shape=Shape.ADMINISTRATION, hospital=True) for one in Administration},
    Administration.KEEP_BACK: _kind("studies", "rules", "until", shape=Shape.ADMINISTRATION, hospital=True),
    Administration.LIFT_RULES: _kind("studies", "rules", shape=Shape.ADMINISTRATION, hospital=True),
}
