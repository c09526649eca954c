"""What a manifest of ours tells of a study, in whichever encoding: the study, its instances, where they are, whose.

Both encodings are made from this, so that they cannot say different things. Everything in them follows from what was
published, so the same version of a study always gives the same manifest, under the same UID.
*Source:* IHE RAD MADO §6.X; DICOM PS3.5 §B.2 (UIDs from UUIDs); RFC 9562 §5.5 (UUIDs from names).
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from beeldpas.domain.bsn import BSN
from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.instance_lists import Lists

KEY_OBJECT = "1.2.840.10008.5.1.4.1.1.88.59"
BSN_OID = "2.16.840.1.113883.2.4.6.3"
URA_OID = "2.16.528.1.1007.3.3"
_NAMESPACE = UUID("b5f2a1f4-6c1d-4a58-9d0f-0b8f2f0f6d11")
_FORM = "1"  # counted up when the same facts come to be written otherwise


@dataclass(frozen=True, slots=True)
class Holder:
    """The hospital that holds a study. `location` is its archive's UID, `endpoint` where its images are."""

    name: str
    ura: str
    location: str
    endpoint: Resource
    version: int

    @property
    def address(self) -> str:
        """The base of its WADO-RS."""
        return values.text(self.endpoint.get("address"))


@dataclass(frozen=True, slots=True)
class Told:
    """A version of an entry as it is told to who asked about `bsn`. `study` has no instances and no subject."""

    entry_id: str
    version: int
    changed_at: datetime
    bsn: BSN
    holder: Holder
    study: Resource

    @property
    def uid(self) -> str:
        """The UID of its manifest: of this version, at this place, written in this form."""
        place = (str(self.holder.version), self.holder.location, self.holder.name)
        return derived_uid("manifest", _FORM, self.entry_id, str(self.version), *place)

    @property
    def study_uid(self) -> str:
        """The Study Instance UID."""
        return values.uid(values.identified(self.study.get("identifier"), systems.DICOM_UID))

    @property
    def day(self) -> date | None:
        """The day on which it was made, if that is known."""
        return values.day(self.study.get("started"))

    @property
    def accession(self) -> tuple[str, str]:
        """The number of its order, and the OID of who gave it out; "" for what is not told.

        The hospital that made a study gave out its number, unless another issuer stands with it; of a study that was
        made elsewhere nobody says who did.
        """
        found = next((one for one in values.objects(self.study.get("identifier")) if values.is_accession(one)), {})
        told = values.accession(found)
        own = f"{URA_OID}.{int(self.holder.ura)}" if self._is_origin and self.holder.ura.isdecimal() else ""
        return (told.number, told.issuer or own) if told.number else ("", "")

    @property
    def _is_origin(self) -> bool:
        told = values.objects(self.study.get("extension"))
        return any(one.get("url") == systems.ORIGIN and one.get("valueBoolean") is True for one in told)

    @property
    def made_at(self) -> str:
        """When this version began, as FHIR writes an instant."""
        return self.changed_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Manifested(Told):
    """The same with every instance, by series: what a manifest needs."""

    lists: Lists


def derived_uid(*facts: str) -> str:
    """Return the UID that stands for these facts, always the same."""
    return f"2.25.{derived_uuid(*facts).int}"


def derived_uuid(*facts: str) -> UUID:
    """Return the UUID that stands for these facts, always the same."""
    return uuid5(_NAMESPACE, "\n".join(facts))


def location_of(base_url: str, locations: tuple[str, ...]) -> str:
    """Return a hospital's Retrieve Location UID: of the directory, or one that stands for its gateway's address."""
    return locations[0] if locations else derived_uid("location", base_url)
