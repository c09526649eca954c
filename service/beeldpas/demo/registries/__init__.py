"""Registries of other kinds than ours, each before one hospital: MHD, XDS.b, and the national generic functions.

Each is a program of its own that speaks its protocol, written from the standard, without a line of the portal's
adapters; the stubs of the contract tests answer with the same messages. *Source:* docs/decisions/0049.
"""
