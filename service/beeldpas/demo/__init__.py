"""The whole journey on one machine: issuers, registry, three hospitals, portal, and made-up people."""
