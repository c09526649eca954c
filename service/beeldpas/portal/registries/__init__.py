"""Where the portal finds studies: one file per kind of registry behind one port, and the hospitals' previews."""
