"""What a gateway keeps: whose number is whose, the index of its files, leases, uses and its access log."""
