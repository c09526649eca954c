"""The HTTP housekeeping that every door shares."""
