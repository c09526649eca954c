"""Whether the texts are plain: limits for sentences, words and pages that a machine can count, per language."""
