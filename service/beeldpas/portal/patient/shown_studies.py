"""Which examinations of a history are shown to patients, and how they are named in the addresses of a visit."""

import hmac
from hashlib import sha256

from beeldpas.domain.study import Study
from beeldpas.domain.timeline import Timeline
from beeldpas.portal.pages.visit import Visit
from beeldpas.portal.words import codes


def own_studies(found: Timeline) -> list[Study]:
    """Leave out what holds only technical objects, unless a report says that there is something to read."""
    return [one for one in found.studies if is_for_patients(one)]


def is_for_patients(study: Study) -> bool:
    """Say whether there is something to look at or to read."""
    shown = any(codes.kind(code) is not codes.Kind.TECHNICAL for code in study.modalities)
    return shown or not study.modalities or bool(study.reports)


def can_be_shared(study: Study) -> bool:
    """Leave out what no hospital here holds, and what has nothing to look at or to read."""
    return bool(study.holdings) and is_for_patients(study)


def study_key(visit: Visit, uid: str) -> str:
    """Return the name of a study in this visit's addresses: it tells nothing and ends with the visit."""
    handle = visit.session.handle if visit.session else ""
    return hmac.new(handle.encode(), uid.encode(), sha256).hexdigest()[:20]


def is_named(visit: Visit, study: Study, key: str) -> bool:
    """Say whether this is the study that an address names."""
    return hmac.compare_digest(study_key(visit, study.uid).encode(), key.encode())
