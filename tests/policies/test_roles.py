"""Every verb and every role: who gets it in any of the circumstances in which somebody gets it, and nobody else."""

from pathlib import Path

import pytest

from beeldpas.domain.actions import Action
from beeldpas.policy.cases import cases
from beeldpas.policy.decision import Part, PolicyDecisionPoint, Question

FOLDER = Path(__file__).parents[2] / "policies"
POLICIES = PolicyDecisionPoint.load(FOLDER)
ALLOWED = [case for case in cases(FOLDER) if case.expected.allowed]


def staff(name: str, *roles: str) -> Part:
    return Part("Staff", name, {"roles": list(roles)})


ROLES = {
    "patient": Part("Patient", "anna", {"receiver": "patient:anna"}),
    "another patient": Part("Patient", "zoe", {"receiver": "patient:zoe"}),
    "provider": Part("Provider", "uzi-dekker", {"receiver": "provider:uzi-dekker", "verified": True}),
    "stranger": Part("Provider", "visit-9", {"receiver": "visit:9", "verified": False}),
    "agent": staff("gerda", "helpdesk"),
    "lead": staff("hanna", "helpdesk_lead"),
    "security": staff("samir", "security"),
    "cleaner": staff("gerrit", "cleaning"),
    "gateway": Part("Gateway", "noord"),
    "visitor": Part("Visitor", "somebody"),
}
THEIRS = {"patient", "provider"}  # of whom a case is: their own history, share or grant
PATIENT, HELPDESK = {"patient"}, {"agent", "lead"}
MATRIX = {
    Action.SIGN_IN: {*ROLES} - {"stranger", "cleaner", "gateway", "visitor"},
    Action.SIGN_OUT: {*ROLES} - {"gateway", "visitor"},
    Action.VIEW_TIMELINE: PATIENT,
    Action.PREVIEW_SHARE: PATIENT,
    Action.MAKE_SHARE: PATIENT,
    Action.VIEW_SHARES: PATIENT,
    Action.PRINT_LETTER: PATIENT,
    Action.REPLACE_CODE: PATIENT,
    Action.EXTEND_SHARE: PATIENT,
    Action.ALLOW_ORGANISATION: PATIENT,
    Action.REFUSE_ORGANISATION: PATIENT,
    Action.OPEN_OWN: PATIENT,
    Action.VIEW_LOG: PATIENT,
    Action.REPORT_USE: PATIENT,
    Action.VIEW_NOTICES: PATIENT,
    Action.SET_ADDRESS: PATIENT,
    Action.VERIFY_ADDRESS: PATIENT,
    Action.REMOVE_ADDRESS: PATIENT | {"visitor"},
    Action.SET_PREFERENCES: PATIENT,
    Action.MAKE_CALL_CODE: PATIENT,
    Action.REVOKE_SHARE: PATIENT | HELPDESK,
    Action.RESUME_SHARE: PATIENT | HELPDESK,
    Action.REDEEM_SHARE: {"provider", "stranger"},
    Action.VIEW_SHARE: {"provider"},
    Action.START_DOWNLOAD: {"patient", "provider"},
    Action.VIEW_IMAGES: {"patient", "provider"},
    Action.READ_REPORT: {"patient", "provider"},
    Action.EXCHANGE_CODE: {"gateway"},
    Action.RECORD_USE: {"gateway"},
    Action.FIND_SHARE: HELPDESK,
    Action.TAKE_CALL: HELPDESK,
    Action.SUSPEND_SHARE: HELPDESK,
    Action.UNLOCK_SHARE: HELPDESK,
    Action.SUSPEND_ALL: HELPDESK,
    Action.PROPOSE_BULK_REVOKE: HELPDESK,
    Action.VIEW_BULK_REVOKE: HELPDESK,
    Action.CONFIRM_BULK_REVOKE: {"lead"},
    Action.EXPORT_LOG: {"security"},
}


@pytest.mark.parametrize("verb", Action)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_a_verb_or_not(role: str, verb: Action) -> None:
    asked = [case.question for case in ALLOWED if case.verb == verb]
    assert any(_allowed(role, one) for one in asked) == (role in MATRIX[verb])


def _allowed(role: str, asked: Question) -> bool:
    who = ROLES[role]
    same = role in THEIRS and asked.subject.type == who.type
    question = Question(asked.subject if same else who, asked.action, asked.resource, asked.context)
    return POLICIES.decide(question).allowed


@pytest.mark.parametrize("role", ["agent", "lead", "security", "cleaner"])
def test_no_role_of_the_service_ever_opens_extends_makes_or_reads(role: str) -> None:
    never = {verb for verb, roles in MATRIX.items() if not roles & {"agent", "lead", "security"}}
    assert {
        Action.REDEEM_SHARE,
        Action.EXTEND_SHARE,
        Action.VIEW_LOG,
        Action.VIEW_IMAGES,
        Action.MAKE_CALL_CODE,
    } < never
    assert [verb for case in ALLOWED if (verb := case.verb) in never and _allowed(role, case.question)] == []
