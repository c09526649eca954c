"""The verbs. One name each: file, policy action, access-log event, case folder and test carry it."""

from enum import StrEnum, auto


class Action(StrEnum):
    """Everything that a person or a program may ask of the portal."""

    # the patient
    SIGN_IN = auto()
    SIGN_OUT = auto()
    VIEW_TIMELINE = auto()
    PREVIEW_SHARE = auto()
    MAKE_SHARE = auto()
    VIEW_SHARES = auto()
    PRINT_LETTER = auto()
    REPLACE_CODE = auto()
    EXTEND_SHARE = auto()
    REVOKE_SHARE = auto()
    ALLOW_ORGANISATION = auto()
    REFUSE_ORGANISATION = auto()
    OPEN_OWN = auto()
    VIEW_LOG = auto()
    REPORT_USE = auto()
    VIEW_NOTICES = auto()
    SET_ADDRESS = auto()
    VERIFY_ADDRESS = auto()
    REMOVE_ADDRESS = auto()
    SET_PREFERENCES = auto()
    MAKE_CALL_CODE = auto()
    RESUME_SHARE = auto()
    # the care provider
    REDEEM_SHARE = auto()
    VIEW_SHARE = auto()
    START_DOWNLOAD = auto()
    VIEW_IMAGES = auto()
    READ_REPORT = auto()
    # the gateway
    EXCHANGE_CODE = auto()
    RECORD_USE = auto()
    # the helpdesk
    FIND_SHARE = auto()
    TAKE_CALL = auto()
    SUSPEND_SHARE = auto()
    UNLOCK_SHARE = auto()
    SUSPEND_ALL = auto()
    PROPOSE_BULK_REVOKE = auto()
    VIEW_BULK_REVOKE = auto()
    CONFIRM_BULK_REVOKE = auto()
    # the security officer
    EXPORT_LOG = auto()
