"""The policy decision point: what the policies in `policies/` say to a question."""
