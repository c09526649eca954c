"""What an examination is called: kind, body part and side, in the reader's words.

The hospital's own description is never read for meaning; what is not coded is not said.
*Source:* DICOM PS3.3 C.7.3.1.1.1 (Modality), C.7.6.1.1.1 (Laterality).
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from beeldpas.portal.words import codes
from beeldpas.portal.words.catalogue import Translator

_NAMED_TOGETHER = {("PT", "CT"): "PTCT", ("PT", "MR"): "PTMR", ("CT", "NM"): "NMCT"}
_SIDES = {"L": "left", "R": "right", "B": "both"}


class Titled(Protocol):
    """What has a title: a study of the timeline, or one of a share."""

    @property
    def modalities(self) -> Sequence[str]: ...
    @property
    def body_part(self) -> str: ...
    @property
    def laterality(self) -> str: ...


def study_title(t: Translator, study: Titled) -> str:
    """Return for example "CT-scan van de buik" or "X-ray of the left knee"."""
    kinds = kinds_name(t, study.modalities)
    part = body_part_phrase(t, study.body_part, study.laterality)
    return t("title.of", kind=kinds, part=part) if part else kinds


def kinds_name(t: Translator, modalities: Iterable[str]) -> str:
    """Name the first two kinds and count the rest; documents and technical objects only when alone."""
    known = sorted({codes.modality(code) or code for code in modalities}, key=codes.naming_order)
    shown = [code for code in known if codes.kind(code) in (codes.Kind.IMAGE, codes.Kind.GRAPH)] or known
    if not shown:
        return t("title.unknown")
    together = _NAMED_TOGETHER.get((shown[0], shown[1])) if len(shown) > 1 else None
    if together:
        return _and_others(t, t(f"modality.{together}.name"), len(shown) - 2)
    names = [modality_name(t, code) for code in shown[:2]]
    if len(names) == 1:
        return names[0]
    return _and_others(t, t("title.two", first=names[0], second=_inside(names[1])), len(shown) - 2)


def modality_name(t: Translator, code: str) -> str:
    """Return the name of one kind, or the code itself where there is no word for it."""
    known = codes.modality(code)
    return t(f"modality.{known}.name") if known else t("title.unknown_code", code=code)


def body_part_phrase(t: Translator, text: str, laterality: str) -> str:
    """Return the body part with its article and side, or "" when the code is not known."""
    part = codes.body_part(text)
    if part is None:
        return ""
    article, _, noun = t(f"body.{part}").partition("|")
    side = _SIDES.get(laterality.strip()[:1].upper(), "none") if codes.is_paired(part) else "none"
    return t(f"side.{side}", article=article, noun=noun)


def _and_others(t: Translator, name: str, others: int) -> str:
    return t.many("title.others", others, name=name) if others else name


def _inside(name: str) -> str:
    """Lower the capital of a name inside a sentence, but leave "CT-scan" and "PET" as they are."""
    return name[0].lower() + name[1:] if name[1:2].islower() else name
