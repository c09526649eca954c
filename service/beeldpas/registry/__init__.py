"""The national index: which hospital has which study and report of whom, behind a FHIR R4 door.

It holds no image, no report and no BSN: a person stands in it under a keyed pseudonym.
"""
