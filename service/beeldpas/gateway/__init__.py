"""The hospital's door: what it holds, for whom, and the bytes themselves."""
