"""What is true of studies, shares and grants. Standard library only: no I/O, no clock, no log."""
