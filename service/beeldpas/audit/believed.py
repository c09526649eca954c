"""The public keys that somebody believes who has the settings of a program: its own, and those of its hospitals."""

from pathlib import Path

from beeldpas.audit.checkpoint import LogKeys, verifiers_of, witness_name
from beeldpas.audit.note import Kind
from beeldpas.audit.proof import Keys
from beeldpas.formats.hospitals import read_hospitals
from beeldpas.formats.jose import load_keys


def believed(own: LogKeys, directory: Path | None, given: Keys) -> Keys:
    """Return the keys that are given, those of the log, and those of the hospitals of a directory if there is one.

    Raises: OSError, Malformed for a file that is absent or unfit.
    """
    hospitals = [
        verifier
        for one in (read_hospitals(directory) if directory else ())
        for verifier in verifiers_of(witness_name(one.base_url), load_keys(one.jwks_file), Kind.COSIGNATURE)
    ]
    return Keys.of([*given.logs, *given.witnesses, *own.verifiers, *hospitals])
