"""Where the portal finds studies: one file per kind of registry behind a port, and the hospitals' previews."""
