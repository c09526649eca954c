"""Writes the settings file of every program, exactly as an administrator would."""

import csv
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from beeldpas.demo import issuers, keyfiles, other_registries
from beeldpas.demo.curation import IN_PACS, MERGES, MISFILED, Hospital
from beeldpas.demo.floor import ISSUERS, Floor, Place
from beeldpas.demo.orthanc import Orthanc
from beeldpas.demo.people import PATIENTS
from beeldpas.demo.s3 import ACCESS_KEY, BUCKET, S3Server
from beeldpas.demo.toml import Table, to_toml
from beeldpas.keys import public_file

_KINDS = {"digid": issuers.digid, "zorg": issuers.care, "staff": issuers.staff}


def write_settings(floor: Floor, s3: S3Server, pacs: Orthanc | None) -> None:
    """Write the directory, the settings of all programs and each hospital's crosswalk."""
    floor.hospitals_file.parent.mkdir(parents=True, exist_ok=True)
    _write(floor, None, {"hospital": [_listed(floor, hospital) for hospital in floor.hospitals]})
    _write(floor, "portal", _portal(floor))
    _write(floor, "registry", _registry(floor))
    _write(floor, "pseudonyms", _pseudonyms(floor))
    for hospital in floor.hospitals:
        _write(floor, hospital.gateway_id, _gateway(floor, hospital, s3) | _pacs(hospital, pacs))
        write_crosswalk(floor, hospital)
    for kind, hospital in floor.kinds.items():
        _write(floor, kind, other_registries.program(floor, kind, hospital))
    for name in ISSUERS:
        floor.config(name).write_text(json.dumps(_issuer(floor, name), indent=1))


def write_crosswalk(floor: Floor, hospital: Hospital) -> None:
    """Write the hospital's master data: which local number is whose."""
    with (floor.folder(hospital.gateway_id) / "crosswalk.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["issuer", "local_number", "bsn", "birth_date", "name", "sex", "merged_into"])
        for patient in PATIENTS:
            if number := patient.numbers.get(hospital.gateway_id):
                born = patient.birth_date.isoformat()
                row = [hospital.issuer, number, patient.bsn.reveal(), born, patient.dicom_name, patient.sex, ""]
                table.writerow(row)
        for one in MISFILED:
            if one.hospital == hospital:
                born = datetime.strptime(one.birth_date, "%Y%m%d").date().isoformat()  # noqa: DTZ007  (a day)
                whose = one.patient
                table.writerow(
                    [hospital.issuer, one.number, whose.bsn.reveal(), born, whose.dicom_name, whose.sex, ""]
                )
        for merge in MERGES:
            if merge.hospital == hospital:
                number = merge.patient.numbers[hospital.gateway_id]
                table.writerow([hospital.issuer, merge.old_number, "", "", "", "", number])


def _write(floor: Floor, name: str | None, table: Table) -> None:
    file = floor.config(name) if name else floor.hospitals_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(to_toml(table) + "\n")


def _common(floor: Floor, place: Place) -> dict[str, Any]:
    folder = floor.folder(place.name)
    common: dict[str, Any] = {
        "environment": "demo",
        "base_url": place.base_url,
        "port": place.inner_port,
        "state_dir": folder,
        "database_url": f"sqlite+aiosqlite:///{folder / 'database.db'}",
        "key_file": floor.keys(place.name),
    }
    return common | floor.tls_files(place) | ({"ca_file": floor.ca_file} if floor.ca_file else {})


def _listed(floor: Floor, hospital: Hospital) -> dict[str, Any]:
    return {
        "gateway_id": hospital.gateway_id,
        "name": hospital.name,
        "ura": hospital.ura,
        "base_url": floor[hospital.gateway_id].base_url,
        "jwks_file": public_file(floor.keys(hospital.gateway_id)),
        "phone": hospital.phone,
    }


def _security(floor: Floor) -> dict[str, Any]:
    """Name somebody made up, for as long as a demo is likely to stand."""
    until = datetime.now(UTC).date() + timedelta(days=180)
    policy = f"{floor['portal'].base_url}/privacy"
    return {"contact": ["mailto:security@beeldpas.example"], "expires": until.isoformat(), "policy": policy}


def _portal(floor: Floor) -> dict[str, Any]:
    return _common(floor, floor["portal"]) | {
        "security": _security(floor),
        "secrets_file": keyfiles.secrets_file(floor),
        "hospitals_file": floor.hospitals_file,
        "pseudonyms": {"socket": floor.names_socket},
        "registries": [
            {"name": "register", "base_url": floor["registry"].base_url},
            *(other_registries.as_asked(floor, kind) for kind in floor.kinds),
        ],
        "timeline_patience_seconds": 1.0,  # a dozen programs on one machine
        **{name: _client(floor, name) for name in ISSUERS},
        "mail": {
            "host": "127.0.0.1",
            "port": floor.mail_ports[0],
            "security": "none",
            "sender": "Beeldpas <noreply@beeldpas.example>",
        },
        "service": {"organisation": "Stichting Beeldpas (verzonnen)", "phone": "0800 0100"},
    }


def _client(floor: Floor, name: str) -> dict[str, Any]:
    client: dict[str, Any] = {
        "issuer": floor[name].base_url,
        "client_id": "beeldpas-portal",
        "key_file": keyfiles.client_key_file(floor, name),
        "signature_algorithms": ["PS256"],
        "pushed_requests": "always",
    }
    return client | ({"entitled_organisation": "Stichting Beeldpas (verzonnen)"} if name == "digid" else {})


def _registry(floor: Floor) -> dict[str, Any]:
    return _common(floor, floor["registry"]) | {
        "hospitals_file": floor.hospitals_file,
        "pseudonyms": {"socket": floor.names_socket},
        "askers": [{"issuer": floor["portal"].base_url, "jwks_file": public_file(floor.keys("portal"))}],
    }


def _pseudonyms(floor: Floor) -> dict[str, Any]:
    """The process that makes names and fingerprints: the others know its socket, and none of its keys."""
    callers = [
        {"name": name, "issuer": floor[name].base_url, "jwks_file": public_file(floor.keys(name))}
        for name in keyfiles.named(floor)
    ]
    return {
        "state_dir": keyfiles.name_keys(floor, "portal").parent,
        "socket": floor.names_socket,
        "callers": callers,
    }


def _gateway(floor: Floor, hospital: Hospital, s3: S3Server) -> dict[str, Any]:
    place, portal = floor[hospital.gateway_id], floor["portal"].base_url
    return (
        _common(floor, place)
        | {
            "security": _security(floor),
            "gateway_id": hospital.gateway_id,
            "hospital": hospital.name,
            "ura": hospital.ura,
            "phone": hospital.phone,
            "lease_keys_file": floor.folder(hospital.gateway_id) / "lease-keys.txt",
            "local_issuer": hospital.issuer,
            "viewer_origin": portal,
            "witness_seconds": 2.0,
            "objects": _objects(floor, hospital, s3),
            "issuers": [_trusted(floor, hospital, portal)],
            "pseudonyms": {"socket": floor.names_socket},
        }
        | ({"registry": {"base_url": floor["registry"].base_url}} if place.name in floor.publishing else {})
    )


def _pacs(hospital: Hospital, pacs: Orthanc | None) -> dict[str, Any]:
    """The PACS behind the hospital that has one."""
    if pacs is None or hospital != IN_PACS.hospital:
        return {}
    return {"pacs": {"kind": "dicomweb", "base_url": pacs.dicomweb_url}}


def _objects(floor: Floor, hospital: Hospital, s3: S3Server) -> dict[str, Any]:
    if hospital.store == "folder":
        return {"kind": "folder", "root": floor.samples / hospital.gateway_id}
    return {
        "kind": "s3",
        "endpoint": s3.endpoint,
        "bucket": BUCKET,
        "secure": False,
        "access_key": ACCESS_KEY,
        "secret_key_file": s3.secret_file,
    }


def _trusted(floor: Floor, hospital: Hospital, portal: str) -> dict[str, Any]:
    return {
        "iss": portal,
        "keys_file": public_file(floor.keys("portal")),
        "status_uri": f"{portal}/status/{hospital.gateway_id}",
        "token_endpoint": f"{portal}/token",
        "uses_endpoint": f"{portal}/uses",
        "bases": ["share", "own"],
    }


def _issuer(floor: Floor, name: str) -> dict[str, Any]:
    place = floor[name]
    client = issuers.Client(
        client_id="beeldpas-portal",
        redirect_uri=f"{floor['portal'].base_url}/callback/{name}",
        jwks=keyfiles.client_jwks(floor, name),
        signed_by="PS256" if name == "digid" else "",
        encrypted_with="A256GCM" if name == "digid" else "",
    )
    tls = {key: str(value) for key, value in floor.tls_files(place).items()}
    where = {"base_url": place.base_url, "port": place.inner_port, "jwks_file": str(floor.keys(name))}
    return _KINDS[name](client) | where | tls
