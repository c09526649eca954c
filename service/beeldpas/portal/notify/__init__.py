"""Telling patients by e-mail that something happened to a share: what is told, the outbox, the way out by SMTP."""
