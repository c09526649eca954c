"""The patient's door: pages that parse, call one action and render."""
