"""The access log: which events there are, who may read what of them, and the rows that nobody changes."""
