"""What the portal says: catalogues of texts, names of examinations, dates and sizes, per language."""
