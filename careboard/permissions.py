"""Who may do what: one table of roles and permissions, and the words for them.

Source: DESIGN section 2. Separation of duties is checked per record on top of this, in the
service functions and by database constraints.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    GOVERNANCE_LEAD = "governance_lead"
    REGISTERED_MANAGER = "registered_manager"
    CONTRIBUTOR = "contributor"
    VERIFIER = "verifier"
    CONTRACTS_LEAD = "contracts_lead"
    BOARD_MEMBER = "board_member"
    COMMISSIONER_READER = "commissioner_reader"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


class Permission(StrEnum):
    READ = "read"
    MANAGE_PEOPLE = "manage people"
    MANAGE_SERVICES = "manage services"
    MANAGE_FRAMEWORK = "manage the framework"
    IMPORT = "import records"
    READ_AUDIT_LOG = "read the audit log"
    RATE_RISK = "rate risks"
    DISPUTE_RATING = "dispute ratings"
    RECORD_EXPERIENCE = "record people's experience"
    RECORD_READINGS = "record readings and checks"
    MANAGE_RECOVERY = "manage recovery"
    MANAGE_RULES = "set thresholds"
    MANAGE_RETENTION = "manage retention"
    DECIDE_MONITORING = "decide on enhanced monitoring"
    SUBMIT_RETURN = "submit monitoring returns"
    RECORD_COMMISSIONER_CONCERN = "record commissioner concerns"
    DECIDE_SHARING = "decide what is shared"
    RECORD_COMMUNICATION = "record communications"
    WRITE_UPDATE = "write recovery updates"
    APPROVE_UPDATE = "approve recovery updates"
    PUBLISH_PACK = "publish packs"
    MANAGE_COMMISSIONERS = "manage commissioners' access"
    ASSIGN_ACTION = "assign actions"
    WORK_ON_ACTION = "work on actions"
    VERIFY_ACTION = "verify actions"
    SUBMIT_EVIDENCE = "submit evidence"
    VALIDATE_EVIDENCE = "validate evidence"
    DECIDE_HELD_TEXT = "decide on held text"
    RUN_MANAGER_REVIEW = "run manager reviews"
    RUN_GOVERNANCE_REVIEW = "run governance reviews"
    CHALLENGE = "record a challenge"
    MANAGE_DELIVERIES = "manage deliveries"
    READ_PORTAL = "read published packs"


P = Permission
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(
        {
            P.READ,
            P.MANAGE_PEOPLE,
            P.MANAGE_SERVICES,
            P.MANAGE_FRAMEWORK,
            P.MANAGE_RULES,
            P.MANAGE_RETENTION,
            P.IMPORT,
            P.READ_AUDIT_LOG,
            P.DECIDE_HELD_TEXT,
            P.MANAGE_DELIVERIES,
        }
    ),
    Role.GOVERNANCE_LEAD: frozenset(
        {
            P.READ,
            P.IMPORT,
            P.MANAGE_FRAMEWORK,
            P.RATE_RISK,
            P.RECORD_EXPERIENCE,
            P.RECORD_READINGS,
            P.MANAGE_RECOVERY,
            P.DECIDE_MONITORING,
            P.SUBMIT_RETURN,
            P.RECORD_COMMISSIONER_CONCERN,
            P.DECIDE_SHARING,
            P.RECORD_COMMUNICATION,
            P.APPROVE_UPDATE,
            P.PUBLISH_PACK,
            P.ASSIGN_ACTION,
            P.WORK_ON_ACTION,
            P.VERIFY_ACTION,
            P.SUBMIT_EVIDENCE,
            P.VALIDATE_EVIDENCE,
            P.DECIDE_HELD_TEXT,
            P.RUN_MANAGER_REVIEW,
            P.RUN_GOVERNANCE_REVIEW,
            P.CHALLENGE,
            P.READ_AUDIT_LOG,
            P.MANAGE_DELIVERIES,
        }
    ),
    Role.REGISTERED_MANAGER: frozenset(
        {
            P.READ,
            P.ASSIGN_ACTION,
            P.WORK_ON_ACTION,
            P.VERIFY_ACTION,
            P.SUBMIT_EVIDENCE,
            P.DISPUTE_RATING,
            P.RECORD_EXPERIENCE,
            P.RECORD_READINGS,
            P.MANAGE_RECOVERY,
            P.SUBMIT_RETURN,
            P.RUN_MANAGER_REVIEW,
        }
    ),
    Role.CONTRIBUTOR: frozenset(
        {P.READ, P.WORK_ON_ACTION, P.SUBMIT_EVIDENCE, P.RECORD_EXPERIENCE, P.RECORD_READINGS}
    ),
    Role.VERIFIER: frozenset({P.READ, P.VERIFY_ACTION, P.VALIDATE_EVIDENCE, P.IMPORT}),
    Role.CONTRACTS_LEAD: frozenset(
        {
            P.READ,
            P.WORK_ON_ACTION,
            P.SUBMIT_EVIDENCE,
            P.RECORD_COMMISSIONER_CONCERN,
            P.RECORD_COMMUNICATION,
            P.WRITE_UPDATE,
            P.PUBLISH_PACK,
            P.MANAGE_COMMISSIONERS,
        }
    ),
    Role.BOARD_MEMBER: frozenset({P.READ, P.CHALLENGE}),
    Role.COMMISSIONER_READER: frozenset({P.READ_PORTAL}),
}

PROVIDER_ROLES = tuple(role for role in Role if role is not Role.COMMISSIONER_READER)


@lru_cache(maxsize=256)
def permissions_of(roles: frozenset[str]) -> frozenset[Permission]:
    """The union of what the roles may do; an unknown role adds nothing."""
    known = [Role(role) for role in roles if role in Role._value2member_map_]
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in known))
