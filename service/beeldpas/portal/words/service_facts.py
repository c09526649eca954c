"""Who runs the service and where help is, as the settings say it, in the words of one reader."""

from dataclasses import dataclass
from typing import Self

from beeldpas.portal.settings import ServiceSettings
from beeldpas.portal.words import telephone


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What templates know as `service`. `phone` is to be read, `dial` stands behind `tel:`."""

    name: str
    organisation: str
    phone: str
    dial: str
    hours: str

    @classmethod
    def of(cls, settings: ServiceSettings, language: str) -> Self:
        """Say the settings in a language; hours are known in Dutch and in English, which any other reads."""
        return cls(
            name=settings.name,
            organisation=settings.organisation,
            phone=telephone.written(settings.phone, language),
            dial=telephone.dialled(settings.phone),
            hours=settings.hours_nl if language == "nl" else settings.hours_en,
        )
