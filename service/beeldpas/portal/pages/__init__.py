"""How the portal answers people: templates, languages, the visit a door works with, and pages for every refusal."""
