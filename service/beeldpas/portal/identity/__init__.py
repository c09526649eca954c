"""Who is at the door: an OpenID Connect relying party, and one file per identity provider."""
