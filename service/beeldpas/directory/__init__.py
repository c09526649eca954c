"""The hospital directory: put together, signed, and installed where programs read it."""
