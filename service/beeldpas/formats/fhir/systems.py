"""The code and identifier systems that our resources use.

*Source:* HL7 terminology (terminology.hl7.org), DICOM PS3.16, Nictiz naming systems; docs/wire.md §2 for ours.
"""

from beeldpas.domain.bsn import BSN_SYSTEM

BSN = BSN_SYSTEM
URA = "http://fhir.nl/fhir/NamingSystem/ura"
DICOM_UID = "urn:dicom:uid"
OID_PREFIX = "urn:oid:"
URI = "urn:ietf:rfc:3986"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
REPORT_CATEGORY = "http://terminology.hl7.org/CodeSystem/v2-0074"
CONNECTION_TYPE = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"
PAYLOAD_TYPE = "http://terminology.hl7.org/CodeSystem/endpoint-payload-type"

PUBLICATION_BASIS = "urn:beeldpas:publication-basis"
ORIGIN = "urn:beeldpas:origin"
CUSTODIAN = "urn:beeldpas:custodian"
WITHHELD_FROM = "urn:beeldpas:withheld-from"
READABLE_FROM = "urn:beeldpas:readable-from"
BIRTH_DATE_PRINT = "urn:beeldpas:fingerprint-birth-date"
SEX_PRINT = "urn:beeldpas:fingerprint-sex"
DIGEST = "urn:beeldpas:digest"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

REPLACES = "http://hl7.org/fhir/StructureDefinition/diagnosticReport-replaces"
NOT_SPECIFIED = "http://notspecified"  # MADO: the place is known by its Retrieve Location UID only
LOCATION_EXTENSION = "locationuid"  # in the name of the extension, which changed between drafts

WITHHELD = frozenset({"providers", "representatives"})
BASES = frozenset({"law", "consent", "patient-request"})
WADO_RS = "dicom-wado-rs"
ACCESSION = "ACSN"
DCM_ACCESSION = "121022"
RADIOLOGY = "RAD"
IMAGING_REPORT = "18748-4"
IMAGING_REPORT_TITLE = "Diagnostic imaging study"

# DICOM Laterality (0020,0060) ↔ SNOMED CT; PS3.16 CID 244.
LATERALITY = {"L": "7771000", "R": "24028007", "B": "51440002"}
