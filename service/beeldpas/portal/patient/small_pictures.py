"""Small pictures beside examinations, for whoever switched them on: what the page tells the script that fetches them.

They come from the hospitals and never through the portal. Until one is there, and when none comes, the kind of
examination stands in its place in words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from markupsafe import Markup

from beeldpas.domain.study import Study
from beeldpas.portal.pages.language import address
from beeldpas.portal.pages.viewer_page import TOKEN_URL, script_json
from beeldpas.portal.patient.door import PatientVisit
from beeldpas.portal.words import codes


@dataclass(frozen=True, slots=True)
class SmallPictures:
    """What one page needs: the hospitals (by id) that it asks, and the settings of the script."""

    hospitals: frozenset[str]
    settings: Markup

    @classmethod
    def of(cls, visit: PatientVisit, shown: Iterable[tuple[Study, str]]) -> Self | None:
        """Make it for these studies, each at one hospital (by id); None for whoever wants no small pictures."""
        if not visit.preferences.thumbnails:
            return None
        hospitals = frozenset(at for study, at in shown if has_picture(study, at))
        bases = {one: f"{visit.house.directory.by_id(one).base_url}/dicom-web" for one in sorted(hospitals)}
        settings = {"tokenUrl": address(visit.say.catalogue, TOKEN_URL), "hospitals": bases}
        return cls(hospitals, script_json(settings))


def has_picture(study: Study, gateway_id: str) -> bool:
    """Say whether a hospital can be asked for a picture: it said that it holds the study, which has images."""
    has_images = any(codes.kind(code) is codes.Kind.IMAGE for code in study.modalities)
    return has_images and any(one.confirmed for one in study.holdings if one.gateway_id == gateway_id)
