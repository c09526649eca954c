"""Faults made from outside, to prove that the check sees them. No program of the service knows of any of this.

| name | what goes wrong | how it is made |
|---|---|---|
| hidden-use | a use of a hospital never reaches the patient's log | a front before the portal swallows the report |
| portal-relays | image bytes go through the portal | the front fetches the archive itself and passes it on |
| status-ignored | a revocation never reaches a hospital | the front goes on serving the old status list |
| pin-uncounted | wrong PINs cost nothing | a trigger in the portal's database takes the count back |
| log-altered | a record of the portal's log is changed | a trigger in the portal's database, once it has a place |
| scope-ignored | a hospital serves more than was granted | a double of the gateway whose grants cover everything |
"""

from typing import Final

FRONT_FAULTS: Final = ("hidden-use", "portal-relays", "status-ignored")
DATABASE_FAULTS: Final = ("pin-uncounted", "log-altered")
DOUBLE_FAULTS: Final = ("scope-ignored",)
NAMES: Final = FRONT_FAULTS + DATABASE_FAULTS + DOUBLE_FAULTS
