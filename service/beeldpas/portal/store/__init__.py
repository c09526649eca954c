"""What the portal keeps: shares, grants, authorization codes, sessions and the access log."""
