"""`python -m beeldpas` is the command `beeldpas`."""

from beeldpas.cli import main

main()
