"""FHIR R4 as hospitals publish it and registries answer it: ImagingStudy, Endpoint and DiagnosticReport.

`fields` says what may be published, `publication` builds it, `bundles` carries it, `reading` reads answers and
skips what it cannot read. *Source:* HL7 FHIR R4 (4.0.1); docs/wire.md §2.
"""
