"""How much was chosen, in one sentence: "U koos 3 onderzoeken van 2 ziekenhuizen, 1.203 beelden, 640 MB.\""""

import json
from typing import Protocol

from beeldpas.portal.words.voice import Voice


class Amount(Protocol):
    """What is counted; `images` and `size_bytes` are None where nobody has said."""

    @property
    def studies(self) -> int:
        """How many examinations."""

    @property
    def hospitals(self) -> int:
        """From how many hospitals."""

    @property
    def images(self) -> int | None:
        """How many pictures."""

    @property
    def reports(self) -> int:
        """How many reports."""

    @property
    def size_bytes(self) -> int | None:
        """How large it is."""


def chosen_words(say: Voice, amount: Amount) -> str:
    """Say how much was chosen, as far as it is known."""
    if not amount.studies:
        return say.t("chosen.none")
    more = [
        *([say.count("count.images", amount.images)] if amount.images is not None else []),
        *([say.count("count.reports", amount.reports)] if amount.reports else []),
        *([say.size(amount.size_bytes)] if amount.size_bytes is not None else []),
    ]
    return say.t(
        "chosen.words",
        studies=say.count("count.studies", amount.studies),
        hospitals=say.count("count.hospitals", amount.hospitals),
        more="".join(f", {one}" for one in more),
    )


def words_for_script(say: Voice) -> str:
    """Return as JSON what a script needs to say the same while boxes are being ticked."""
    counted = {
        name: [say.t.many(f"count.{name}", number, n="{n}") for number in (1, 2)]
        for name in ("studies", "hospitals", "images", "reports")
    }
    sentence = say.t("chosen.words", studies="{studies}", hospitals="{hospitals}", more="{more}")
    return json.dumps({**counted, "sentence": sentence, "none": say.t("chosen.none"), "small": say.t("size.small")})
