"""The check: walks the whole journey as browsers do, on a set of its own, and believes no program about itself."""
