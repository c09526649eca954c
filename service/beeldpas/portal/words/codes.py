"""DICOM codes that name a kind of examination or a body part, brought back to the ones we have words for.

*Source:* DICOM PS3.16 CID 29, 32 and 33 (modalities), Annex L (body parts); aliases seen in Dutch and public files.
"""

import re
from enum import StrEnum, auto


class Kind(StrEnum):
    """What a modality code stands for: something to look at, a line, a document, or a technical object."""

    IMAGE = auto()
    GRAPH = auto()
    DOCUMENT = auto()
    TECHNICAL = auto()


def _words(text: str) -> list[str]:
    return text.split()


_IMAGES = "CT MR CR RG US MG NM PT XA RF BMD BDUS IO PX ES XC DMS OP OPT IVUS IVOCT OCT SM TG PA OT SC RTIMAGE"
_KINDS = (
    dict.fromkeys(_words(_IMAGES), Kind.IMAGE)
    | dict.fromkeys(_words("OPM ECG HD EEG RESP"), Kind.GRAPH)
    | dict.fromkeys(_words("AR AU DOC SR"), Kind.DOCUMENT)
    | dict.fromkeys(_words("HC KO PR SEG RTSTRUCT"), Kind.TECHNICAL)
)
_SAME_AS = {
    "CR": "DX",
    "OPT": "OPTENF OPTBSV",
    "OPM": "OPV",
    "AR": "KER LEN OAM IOL SRF VA",
    "SM": "GM CFM DM",
    "HD": "EPS",
    "EEG": "EMG EOG",
    "PA": "BI DG LS OSS POS M3D TEXTUREMAP",
    "SEG": "REG RWV FID SMR STAIN ASMT CTPROTOCOL XAPROTOCOL PLAN RTINTENT RTSEGANN",
    "RTSTRUCT": "RTPLAN RTDOSE RTRECORD RTRAD",
    "XA": "DS",
    "RF": "DF VF CF",
    "US": "EC CD DD",
    "MR": "MA MS",
    "OP": "FA FS OPR",
    "NM": "ST",
    "ES": "CP CS LP AS",
}
_MODALITIES = {code: code for code in _KINDS} | {
    other: code for code, others in _SAME_AS.items() for other in others.split()
}
# Which kinds name an examination first when it has several.
_ORDER = _words("PT CT MR US MG XA RF CR NM")

# A star marks what comes in left and right.
_STARRED = _words(
    "HEAD BRAIN SKULL FACE SINUS ORBIT* EYE* EAR* IAC* NOSE JAW MAXILLA TMJ* MOUTH HEADNECK NECK PAROTID* "
    "THYROID LARYNX PHARYNX CAROTID* CIRCLEOFWILLIS SPINE CSPINE CTSPINE TSPINE TLSPINE LSPINE LSSPINE SSPINE "
    "COCCYX SIJOINT* CHEST LUNG* HEART CORONARYARTERY AORTA BREAST* AXILLA* RIB* STERNUM MEDIASTINUM "
    "EXTREMITY ACJOINT* BACK BUTTOCK* ABDOMEN ABDOMENPELVIS CHESTABDOMEN CHESTABDPELVIS NECKCHEST "
    "NECKCHESTABDPELV WHOLEBODY LIVER GALLBLADDER PANCREAS SPLEEN KIDNEY* ADRENAL* URETER* BLADDER STOMACH "
    "ESOPHAGUS SMALLINTESTINE COLON RECTUM PROSTATE UTERUS OVARY* TESTIS* SCROTUM PELVIS HIP* THIGH* KNEE* "
    "PATELLA* LEG* CALF* ANKLE* CALCANEUS* FOOT* TOE* SHOULDER* CLAVICLE* SCAPULA* ARM* ELBOW* FOREARM* "
    "WRIST* MASTOID* HAND* FINGER* THUMB*"
)
_PARTS = [name.rstrip("*") for name in _STARRED]
_PAIRED = frozenset(name.rstrip("*") for name in _STARRED if name.endswith("*"))
_PART_ALIASES = {
    "SMALLINTESTINE": "DUODENUM JEJUNUM ILEUM",
    "COLON": "LARGEINTESTINE",
    "THIGH": "FEMUR",
    "LEG": "TIBIA FIBULA TIBIAFIBULA LOWERLEG",
    "ARM": "HUMERUS UPPERARM",
    "FOREARM": "RADIUS ULNA RADIUSULNA",
    "CHEST": "THORAX",
    "ABDOMEN": "ABD BUIK",
    "PELVIS": "BEKKEN",
    "HEAD": "HOOFD",
    "SKULL": "SCHEDEL",
    "BRAIN": "HERSENEN",
    "CSPINE": "CWK",
    "TSPINE": "TWK",
    "LSPINE": "LWK",
    "HIP": "HEUP",
    "KNEE": "KNIE",
    "ANKLE": "ENKEL",
    "FOOT": "VOET",
    "WRIST": "POLS",
    "SHOULDER": "SCHOUDER",
    "ELBOW": "ELLEBOOG",
    "BREAST": "MAMMA",
    "CHESTABDPELVIS": "CAP CHESTABDPEL CHABDPELV CHESTTOPELVIS",
    "CHESTABDOMEN": "CHESTABD",
    "HEADNECK": "HEADANDNECK",
    "LSSPINE": "LUMBOSACRALSP",
}
_BODY_PARTS = {part: part for part in _PARTS} | {
    other: part for part, others in _PART_ALIASES.items() for other in others.split()
}


def modality(code: str) -> str | None:
    """Return the code that we have a name for, or None."""
    return _MODALITIES.get(code.strip().upper())


def kind(code: str) -> Kind:
    """Say what a modality code stands for; an unknown one is taken for images, so that nothing is hidden."""
    known = modality(code)
    return _KINDS[known] if known else Kind.IMAGE


def naming_order(code: str) -> tuple[int, str]:
    """Sort key: which kind names an examination first."""
    known = modality(code) or code
    return (_ORDER.index(known) if known in _ORDER else len(_ORDER), known)


def body_part(text: str) -> str | None:
    """Return the body part that we have a word for, or None; never guess."""
    return _BODY_PARTS.get(re.sub(r"[\s_/-]+", "", text.upper()))


def is_paired(part: str) -> bool:
    """Say whether the body part comes in left and right."""
    return part in _PAIRED
