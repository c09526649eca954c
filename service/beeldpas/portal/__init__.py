"""The sharing service: shares, grants, the access log, and the doors of patients, care providers and helpdesk."""
