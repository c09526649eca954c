"""The words of INDEX.HTM, in both languages; names in braces are filled in, and everything is escaped afterwards."""

from collections.abc import Mapping

Words = Mapping[str, str]

WORDS: Mapping[str, Words] = {
    "nl": {
        "self": "Nederlands",
        "title": "Medische beelden van {hospital}",
        "contact": "Vragen over deze beelden? Bel {hospital}:",
        "whose": "Van wie zijn deze beelden?",
        "name": "Naam",
        "born": "Geboortedatum",
        "sex": "Geslacht",
        "M": "man",
        "F": "vrouw",
        "O": "anders",
        "number": "Patiëntnummer van {issuer}",
        "unknown": "niet vastgelegd",
        "compare": (
            "Het patiëntnummer is dat van het ziekenhuis dat de beelden maakte; bij u heeft de patiënt een ander "
            "nummer. Vergelijk naam en geboortedatum met uw eigen gegevens voordat u iets inleest."
        ),
        "studies": "Onderzoeken",
        "undated": "zonder datum",
        "nameless": "onderzoek zonder omschrijving",
        "accession": "Aanvraagnummer",
        "amount": "Omvang",
        "place": "Map",
        "series": "Serie",
        "kind": "Soort",
        "description": "Omschrijving",
        "files": "Bestanden",
        "size": "MB",
        "total": "{count} bestanden, {size} MB",
        "one": "1 bestand, {size} MB",
        "reports": "Verslagen",
        "unopened": "Alleen te openen met een programma dat DICOM leest",
        "unlisted": (
            "Staat niet in DICOMDIR, omdat het ziekenhuis verplichte gegevens niet heeft vastgelegd: {missing}. "
            "Lees dit onderzoek in vanuit de map."
        ),
        "import": "Inlezen in een PACS",
        "import_unpack": "Pak het zip-bestand uit.",
        "import_directory": "Kies in uw programma voor inlezen van een cd of map, en wijs DICOMDIR aan.",
        "import_folder": "Wat niet in DICOMDIR staat, leest u in door de map DICOM aan te wijzen.",
        "check": "Controleren of alles er is",
        "check_how": (
            "MANIFEST.JSN noemt elk bestand met zijn SHA-256 en is ondertekend door het ziekenhuis. "
            "Deze opdracht zegt wat ontbreekt of veranderd is:"
        ),
        "check_keys": "De sleutels van het ziekenhuis staan op {address}; bewaar ze als hospital.jwks.json.",
        "careful": (
            "Deze beelden zijn bedoeld voor de zorgverlener met wie de patiënt ze deelt. Beoordeel ze alleen met een "
            "programma dat daarvoor is goedgekeurd. Bewaar ze niet langer dan nodig."
        ),
        "months": "januari februari maart april mei juni juli augustus september oktober november december",
        "point": ",",
    },
    "en": {
        "self": "English",
        "title": "Medical images from {hospital}",
        "contact": "Questions about these images? Phone {hospital}:",
        "whose": "Whose images are these?",
        "name": "Name",
        "born": "Date of birth",
        "sex": "Sex",
        "M": "male",
        "F": "female",
        "O": "other",
        "number": "Patient number of {issuer}",
        "unknown": "not recorded",
        "compare": (
            "The patient number is that of the hospital that made the images; the patient has another number with "
            "you. Compare name and date of birth with your own records before you import anything."
        ),
        "studies": "Examinations",
        "undated": "no date",
        "nameless": "examination without a description",
        "accession": "Accession number",
        "amount": "Amount",
        "place": "Folder",
        "series": "Series",
        "kind": "Kind",
        "description": "Description",
        "files": "Files",
        "size": "MB",
        "total": "{count} files, {size} MB",
        "one": "1 file, {size} MB",
        "reports": "Reports",
        "unopened": "To be opened with a program that reads DICOM only",
        "unlisted": (
            "Not in the DICOMDIR, because the hospital did not record required information: {missing}. "
            "Import this examination from its folder."
        ),
        "import": "Importing into a PACS",
        "import_unpack": "Unpack the ZIP file.",
        "import_directory": "In your program, choose to import a CD or a folder, and point to DICOMDIR.",
        "import_folder": "What is not in the DICOMDIR is imported by pointing to the folder DICOM.",
        "check": "Checking that everything is there",
        "check_how": (
            "MANIFEST.JSN names every file with its SHA-256 and is signed by the hospital. "
            "This command says what is missing or altered:"
        ),
        "check_keys": "The hospital's keys are at {address}; keep them as hospital.jwks.json.",
        "careful": (
            "These images are meant for the care provider with whom the patient shares them. Judge them only with a "
            "program that is approved for it. Do not keep them longer than needed."
        ),
        "months": "January February March April May June July August September October November December",
        "point": ".",
    },
}
