"""The letter for the care provider and the sheet for the patient, as one tagged PDF."""
