"""What the registry keeps: entries by hospital and pseudonym, tokens that were used, and the log of questions."""
