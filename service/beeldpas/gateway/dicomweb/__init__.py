"""DICOMweb for who holds a grant: search, headers, files, frames and pictures of exactly what was granted.

*Source:* DICOM PS3.18; what is answered and what is not, stands in docs/dicomweb.md.
"""
