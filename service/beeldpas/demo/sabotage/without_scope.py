"""A double of the gateway: the real program, except that every grant covers every study.

python -m beeldpas.demo.sabotage.without_scope gateway serve --config FILE
"""

from beeldpas.cli import main
from beeldpas.domain.grant import Grant


def _covers_everything(_grant: Grant, _study_uid: str) -> bool:
    return True


setattr(Grant, "covers", _covers_everything)  # noqa: B010  (a fault is put in from outside)

if __name__ == "__main__":
    main()
