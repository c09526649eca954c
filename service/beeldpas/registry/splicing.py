"""Answers as text: what is added to an entry is spliced into what is kept, so that a long history need not be read.

The kept text is our own (`formats/fhir/text.render`, after the allow-list of fields): it has no white space, its keys
are sorted, and a quotation mark within a value is escaped, so `"meta":{` is found nowhere but at the top. Whatever
is not in the one form that is known here goes the long way (`answer.py`), which gives the same.
"""

import re
from collections.abc import Mapping

from beeldpas.registry.store.kept import Kept

_META = '"meta":{'
_ONE_STUDY = re.compile(
    r'"imagingStudy":\[\{"identifier":\{"system":"urn:dicom:uid","value":"urn:oid:([0-9.]{1,64})"\}\}\]'
)


def spliced(kept: Kept, subject: str, updated: str) -> str | None:
    """Return an entry as FHIR shows it, with `subject` (JSON); None when it has to go the long way."""
    text = kept.resource
    if kept.withheld or '"security":' in text or not text.endswith("}") or len(text) < 3:
        return None
    told = f'"lastUpdated":"{updated}","versionId":"{kept.version}"'
    added = f',"id":"{kept.entry_id}"' + (f',"subject":{subject}' if subject else "")
    if _META in text:
        text = text.replace(_META, f"{_META}{told},", 1)
    else:
        added += f',"meta":{{{told}}}'
    return text[:-1] + added + "}"


def referring(text: str, gateway_id: str, holders: Mapping[str, Mapping[str, str]]) -> str | None:
    """Return a report's text with a reference to its one study, its own hospital's where that has it.

    `holders` gives the entry ids of each study by hospital. "" when the study is not in the answer; None when the
    report has to go the long way.
    """
    found = _ONE_STUDY.search(text)
    if found is None:
        return None
    held = holders.get(found[1])
    if not held:
        return ""
    entry_id = held.get(gateway_id) or held[min(held)]
    begin = found.start() + len('"imagingStudy":[{')
    return f'{text[:begin]}"reference":"ImagingStudy/{entry_id}",{text[begin:]}'
