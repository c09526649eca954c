"""Which real images stand in which made-up hospital, and whose they are said to be.

The images are pydicom's own test files and those of the package `pydicom-data`: real scanners, several transfer
syntaxes, preambles that are not empty. Dates and everything else stay as found; only the identity and the institution
change.
"""

from dataclasses import dataclass
from typing import Final

from beeldpas.demo.people import ANNA, BRAM, DINA, EMIL, FENNA, Patient
from beeldpas.demo.reports import Kind


@dataclass(frozen=True, slots=True)
class Hospital:
    """A made-up hospital. `issuer` is what it writes as Issuer of Patient ID; `store` is "folder" or "s3"."""

    gateway_id: str
    name: str
    ura: str
    issuer: str
    store: str
    phone: str


NOORD: Final = Hospital("noord", "Ziekenhuis Noord", "90000101", "ZH-NOORD", "folder", "0800 0101")
WEST: Final = Hospital("west", "Ziekenhuis West", "90000102", "ZH-WEST", "folder", "0800 0102")
ZUID: Final = Hospital("zuid", "Ziekenhuis Zuid", "90000103", "ZH-ZUID", "s3", "0800 0103")
HOSPITALS: Final = (NOORD, WEST, ZUID)
# Takes part only where the demo shows every kind of registry.
OOST: Final = Hospital("oost", "Ziekenhuis Oost", "90000202", "ZH-OOST", "folder", "0800 0104")


@dataclass(frozen=True, slots=True)
class Collection:
    """One study at one hospital: the files it is made of, in the order of their series.

    `made_at` is another hospital when this is a copy. `report` names what is added; `without_images`: only that.
    `number` is the patient's number in the files, when it is an older one.
    """

    hospital: Hospital
    patient: Patient
    files: tuple[str, ...]
    made_at: Hospital | None = None
    report: Kind = ""
    number: str = ""
    without_images: bool = False


_SKULL: Final = "dicomdirtests/77654033/CT2"
_SPINE: Final = "dicomdirtests/77654033"
_BRAIN: Final = "dicomdirtests/98892003"

# Its hospital tells already on which day the patient can read the report: after the doctor spoke with her.
UNDER_EMBARGO: Final = Collection(OOST, ANNA, ("J2K_pixelrep_mismatch.dcm",), report="pdf")

COLLECTIONS: Final = (
    Collection(NOORD, ANNA, ("RG1_UNCR.dcm", "RG1_J2KR.dcm"), report="sr"),
    Collection(NOORD, ANNA, tuple(f"{_SKULL}/{number}" for number in (17106, 17136, 17166, 17196))),
    Collection(NOORD, BRAM, ("MR2_UNCR.dcm", "MR2_J2KR.dcm"), report="provisional", number="N-099001"),
    Collection(NOORD, FENNA, ("JPGLosslessP14SV1_1s_1f_8b.dcm",)),
    Collection(WEST, ANNA, tuple(f"{_BRAIN}/{name}" for name in ("MR1/4919", "MR2/4950", "MR2/4981", "MR2/5011")),
               report="pdf"),
    Collection(WEST, ANNA, tuple(f"{_BRAIN}/{name}" for name in ("MR1/15820", "MR2/15970"))),
    Collection(WEST, ANNA, ("RG1_UNCR.dcm", "RG1_J2KR.dcm"), made_at=NOORD),
    Collection(WEST, BRAM, ("explicit_VR-UN.dcm",), report="changed"),
    Collection(WEST, BRAM, ("emri_small.dcm",), report="pdf", without_images=True),
    Collection(WEST, DINA, ("examples_rgb_color.dcm", "US1_UNCR.dcm", "US1_J2KR.dcm")),
    Collection(ZUID, ANNA, ("MR-SIEMENS-DICOM-WithOverlays.dcm",)),
    Collection(ZUID, ANNA, ("color3d_jpeg_baseline.dcm",)),
    Collection(ZUID, DINA, ("gdcm-US-ALOKA-16.dcm",)),
    Collection(ZUID, EMIL, ("RG3_UNCR.dcm", "RG3_J2KR.dcm")),
    UNDER_EMBARGO,
    Collection(OOST, ANNA, ("examples_palette.dcm",)),
    Collection(OOST, BRAM, tuple(f"{_SPINE}/{name}" for name in ("CR1/6154", "CR2/6247", "CR3/6278"))),
)  # fmt: skip


# This one is not in a hospital's store but in its PACS: the gateway fetches it when it is shared.
_SLICES: Final = ("CT2N/6293", "CT2N/6924", "CT5N/2062", "CT5N/2392", "CT5N/2693")
IN_PACS: Final = Collection(ZUID, EMIL, tuple(f"dicomdirtests/98892001/{name}" for name in _SLICES), report="pdf")


@dataclass(frozen=True, slots=True)
class Merge:
    """A patient had two numbers at a hospital; images still carry the old one."""

    hospital: Hospital
    patient: Patient
    old_number: str


MERGES: Final = (Merge(NOORD, BRAM, "N-099001"),)


@dataclass(frozen=True, slots=True)
class Stray:
    """A file that a hospital keeps but must not publish: the crosswalk does not know it, or contradicts it."""

    hospital: Hospital
    file: str
    patient: Patient
    number: str
    birth_date: str


# The first has a local number nobody registered; the second claims Bram's number with another date of birth.
STRAYS: Final = (
    Stray(WEST, "CT_small.dcm", BRAM, "9999999", "19851102"),
    Stray(WEST, "MR_small.dcm", BRAM, BRAM.numbers["west"], "19191119"),
)

# A mistake that no hospital sees alone: under Bram's citizen service number, West's master data has somebody else's
# scan, with that person's date of birth. Two hospitals know when Bram was born.
MISFILED: Final = (Stray(WEST, "JPEG-lossy.dcm", BRAM, "0081999", "19580204"),)


@dataclass(frozen=True, slots=True)
class LargeStudy:
    """A study of hundreds of megabytes, made by cloning one real slice under new UIDs."""

    hospital: Hospital
    patient: Patient
    file: str
    instances: int
    series: int
    study_date: str
    description: str


LARGE: Final = LargeStudy(ZUID, ANNA, "693_UNCR.dcm", 400, 2, "20260302", "CT head (cloned slices)")
