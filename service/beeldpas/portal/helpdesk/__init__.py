"""The helpdesk's door: find a share by its reference, see where it stands, stop it with a reason."""
