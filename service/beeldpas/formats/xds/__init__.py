"""XDS as far as a history needs it: which documents there are of a person (ITI-18), and one manifest (ITI-43).

`soap` is the envelope, `query` asks, `entries` reads what is listed, `retrieve` fetches. Nothing is ever registered.
*Source:* IHE ITI TF-2 §3.18 and §3.43, TF-3 §4.2; OASIS ebXML RegRep 3.0; IHE RAD XDS-I.b.
"""
