"""Every record that the field's guidance names, and where CareBoard keeps it.

The names are those of the steps S0-1.1 to S4-3.5, as their readers know them; each is a view of a
module, not a table of its own. Source: DESIGN section 3; domain/records.md 2.1.
"""

from __future__ import annotations

import re

from careboard.records.commissioner_names import COMMISSIONER_NAMES
from careboard.records.named import RecordName, held
from careboard.records.recovery_names import RECOVERY_NAMES

_RISKS = (
    *held(
        "Risk profile and rating",
        "risks.index",
        ("risk profile", "S2-2.1", "Each service's risks by domain, with the scores behind them."),
        ("provider risk profile", "S2-3.2", "The risks of all services together."),
        ("risk profile dashboard", "S2-1.2", "The risks with what was decided on them."),
        ("risk register", "", "Risks that are escalated, with cause, rating and owner."),
    ),
    *held(
        "Risk profile and rating",
        "risks.changes",
        ("risk profile tracker", "S0-3.4", "How a risk went on after its rating changed."),
    ),
    *held(
        "Risk profile and rating",
        "assurance.claims",
        ("dashboard review log", "S0-3.2", "Checks of evidence against the original cause."),
        kind="assurance_return",
    ),
    *held(
        "Risk profile and rating",
        "experience.log",
        ("dashboard notes", "S0-2.3", "Themes put on the dashboard, rated, and why."),
    ),
    *held(
        "Risk profile and rating",
        "risks.index",
        ("staffing risk profile", "S3-1.1", "Rota gaps and delayed visits as a delivery risk."),
        domain="staffing",
    ),
    *held(
        "Risk profile and rating",
        "dashboards.board",
        ("rating decision on the dashboard", "S0-3.3", "What was decided on a rating, by whom and "
         "why; it opens from each cell of the board."),
    ),
)  # fmt: skip
_DATA_LOG = (
    *held(
        "Data log",
        "records.data_log",
        ("dashboard data log", "S0-1.1", "Each audit with score, theme, evidence source, and how "
         "it came."),
    ),
    *held(
        "Data log",
        "recovery.all_checks",
        ("dashboard evidence sheet", "S1-1.3", "The checks that the dashboard rests on."),
        record="dashboard-evidence-sheet",
    ),
    *held(
        "Data log",
        "records.audits",
        ("audit form", "S1-1.3", "One audit or check: its score and what it found."),
        ("audit forms", "S1-1.3", "Audits and checks of every service."),
    ),
    *held(
        "Recovery",
        "recovery.all_checks",
        ("discrepancy log", "S1-1.3", "Medicine discrepancies found at the end of a shift."),
        ("discrepancy logs", "S1-1.3", "Medicine discrepancies, reviewed every week."),
        record="discrepancy-log",
    ),
)  # fmt: skip
_ACTIONS = (
    *held(
        "Actions",
        "actions.index",
        ("governance action tracker", "S0-1.2", "Each audit concern with its action, owner and "
         "date."),
        ("action tracker", "S0-1.4", "Completion, evidence and verification of each action."),
        ("governance tracker", "S4-2.3", "Corrective actions and who owns them."),
        ("quality improvement plan", "S0-2.4", "Actions for concerns that repeat."),
        ("quality improvement tracker", "S2-2.3", "Actions on the weakest themes, with deadlines."),
        ("service improvement tracker", "S2-1.3", "Priority controls of a service, with owners."),
        ("priority recovery plan", "S2-2.3", "The actions that come first."),
        ("management action log", "S4-2.1", "What a manager decided to do about exceptions."),
        ("action logs", "S1-2.2", "Actions and what happened to each."),
        ("audit action logs", "S4-2.4", "Actions that answer audits."),
    ),
    *held(
        "Actions",
        "actions.index",
        ("safeguarding action plan", "S2-1.3", "Actions on safeguarding risks."),
        domain="safeguarding",
    ),
    *held(
        "Actions",
        "actions.index",
        ("medicines governance action log", "S1-1.2", "Actions on medicines, reviewed weekly."),
        domain="medicines",
    ),
)  # fmt: skip
_NOTES = (
    *held(
        "Reviews",
        "reviews.sittings",
        ("service oversight note", "S0-1.3", "The manager's weekly review of audit actions."),
        forum="weekly_manager",
    ),
    *held(
        "Recovery",
        "recovery.plan_reviews",
        ("rota planning notes", "S1-3.2", "Where rota and need differed in a week, why, and what "
         "was planned instead."),
        domain="staffing",
        cadence="week",
    ),
    *held(
        "Monitoring",
        "monitoring.decision_log",
        ("governance oversight note", "S2-2.2", "What governance decided on a declining service."),
    ),
    *held(
        "Monitoring",
        "monitoring.contract_notes",
        ("contract governance notes", "S2-3.5", "Assurance and remaining risk of a contract."),
    ),
    *held(
        "Actions",
        "actions.index",
        ("care review notes", "S1-2.3", "What was done on the actions of care reviews, without "
         "names."),
        domain="records",
    ),
    *held(
        "Recovery",
        None,
        ("supervision notes", "S4-2.4", "That supervision took place, and what it changed."),
    ),
)  # fmt: skip
_MINUTES = (
    *held(
        "Reviews",
        "reviews.sittings",
        ("provider governance minutes", "S0-1.5", "The monthly governance review, signed."),
        ("governance minutes", "S1-2.5 S3-1.5 S3-3.5", "The monthly governance review, signed."),
        forum="monthly_governance",
    ),
    *held(
        "Recovery",
        "recovery.plan_reviews",
        ("provider oversight minutes", "S1-1.5", "Assurance given on a medicines recovery, or "
         "further action asked for."),
        domain="medicines",
        cadence="month",
    ),
    *held(
        "Recovery",
        "recovery.plan_reviews",
        ("provider governance report", "S1-3.5", "What the month of a staffing recovery showed, "
         "and whether it is escalated."),
        domain="staffing",
        cadence="month",
    ),
    *held(
        "Reviews",
        "reviews.sittings",
        ("board assurance minutes", "S0-2.5", "What the board heard, and what it challenged."),
        ("board minutes", "S0-3.5 S2-2.5", "The quarterly board: changes, progress, challenge."),
        forum="quarterly_board",
    ),
    *held(
        "Reviews",
        "reviews.sittings",
        ("minutes", "S2-1.5", "Of the safeguarding governance group: continue or step down."),
        ("safeguarding governance minutes", "S3-2.5", "The safeguarding board, signed."),
        forum="quarterly_safeguarding",
    ),
)  # fmt: skip
_EXPERIENCE = (
    *held(
        "Experience",
        "experience.index",
        ("experience summary", "S0-2.1", "Themes of a month's feedback, good and bad."),
    ),
    *held(
        "Experience",
        "experience.log",
        ("experience intelligence log", "S0-2.2", "Where feedback and complaints say the same."),
    ),
    *held(
        "Records",
        "records.concerns",
        ("complaints records", "S4-3.2", "Complaints with their theme, dates and outcome."),
        kind="complaint",
    ),
    *held(
        "Records",
        "records.concerns",
        ("feedback", "S0-2.1 S1-2.2 S1-3.3", "What people, relatives and staff answered."),
        kind="feedback",
    ),
)  # fmt: skip
_RETURNS = (
    *held(
        "Assurance",
        "assurance.claims",
        ("service assurance return", "S0-3.1", "A manager's claim of improvement, with evidence."),
        kind="assurance_return",
    ),
    *held(
        "Updates",
        "updates.evidence_sets",
        ("service assurance file", "S3-3.2", "The evidence set for a commissioner's concern."),
    ),
    *held(
        "Updates",
        "updates.notes",
        ("assurance review note", "S3-3.3", "Whether the evidence proves improvement."),
    ),
)
_MONITORING = (
    *held(
        "Monitoring",
        "monitoring.reports",
        ("enhanced monitoring report", "S2-1.4", "Weekly check of actions and progress."),
    ),
    *held(
        "Monitoring",
        "monitoring.returns",
        ("enhanced monitoring return", "S2-2.4", "A service's weekly evidence of recovery."),
        ("monitoring file", "S2-3.3", "Weekly assurance linked to source records."),
    ),
    *held(
        "Monitoring",
        "assurance.claims",
        ("assurance validation note", "S2-3.4", "Whether sampled claims match the records."),
        kind="monitoring_return",
    ),
    *held(
        "Monitoring",
        "monitoring.decision_log",
        ("EM decision", "S2-1.2 S2-2.2", "Why enhanced monitoring was started, or was not."),
    ),
    *held(
        "Monitoring",
        "monitoring.index",
        ("step-down criteria", "S2-1.5", "What must hold before monitoring is reduced; each "
         "episode shows its own, live."),
    ),
)  # fmt: skip
_SAFEGUARDING = (
    *held(
        "Records",
        "records.concerns",
        ("low-level concern records", "S3-2.1", "Safeguarding concerns below the threshold."),
        kind="safeguarding",
        level="low",
    ),
    *held(
        "Records",
        "records.concerns",
        ("safeguarding logs", "S3-2.1", "Safeguarding concerns of every level."),
        kind="safeguarding",
    ),
    *held(
        "Monitoring",
        "monitoring.triggers",
        ("provider safeguarding risk log", "S2-1.1", "Repeated themes that trigger monitoring."),
        rule="safeguarding_repeated",
    ),
    *held(
        "Monitoring",
        "monitoring.triggers",
        ("safeguarding intelligence tracker", "S3-2.1", "Patterns across low-level concerns."),
        rule="low_level_shared",
    ),
    *held(
        "Sharing",
        "sharing.pattern_reviews",
        ("safeguarding review note", "S3-2.2", "Whether a pattern is escalating."),
    ),
    *held(
        "Sharing",
        "sharing.oversight",
        ("safeguarding oversight log", "S3-2.3", "Whether to ask the local authority, and why."),
    ),
    *held(
        "Sharing",
        "sharing.advice_records",
        ("safeguarding action record", "S3-2.4", "Advice or referral, and the guidance received."),
    ),
)
_KPIS = tuple(
    held(
        "KPIs",
        None,
        ("KPI specification document", "S4-1.1", "What each KPI of a contract counts."),
        ("data map", "S4-1.2", "The source field, owner and frequency of each KPI."),
        ("dashboard readiness log", "S4-1.3", "Whether a KPI reflects care; what is missing."),
        ("reporting validation file", "S4-1.4", "Test results of each KPI's view."),
        ("dashboard validation files", "S4-1.4", "Test results of each KPI's view."),
        ("commissioner reporting governance pack", "S4-1.5", "The approval of a KPI dashboard."),
        ("dashboard exception report", "S4-2.1 S4-2.2", "Exceptions by cause: data error, practice "
         "gap or operational pressure."),
        ("trend review", "S4-2.5", "Whether exceptions reduce, remain stable or require "
         "escalation."),
        ("reporting assurance plan", "S4-3.1", "The sample of figures to check in a cycle."),
        ("validation log", "S4-3.2 S4-3.3", "Figures checked against source; a discrepancy ends in "
         "a data correction, narrative explanation or process improvement."),
        ("ECM audit trail", "S4-3.4", "Source records corrected, with reasons."),
        ("correction records", "S4-3.4", "Source records corrected, with reasons."),
        ("reporting governance file", "S4-3.5", "The approved report of each cycle."),
        ("submission approvals", "S4-3.5", "Who approved what was submitted."),
    )
)  # fmt: skip
_EXTERNAL = (
    *held(
        "Evidence",
        "evidence.index",
        ("care records", "S4-2.4 S4-3.2", "They stay in the care system; evidence links to them."),
        ("care plan", "S1-2.3", "It stays in the care system; evidence links to it."),
        ("care plans", "S1-2.2 S1-2.3", "They stay in the care system; evidence links to them."),
        ("medication records", "S1-1.2", "They stay in the care system; evidence links to them."),
        kind="care_records",
    ),
    *held(
        "Evidence",
        "evidence.index",
        ("rota management system", "S3-1.4", "It stays where it is; evidence links to it."),
        ("rotas", "S1-3.2", "They stay in the rota system; evidence links to them."),
        ("competency observations", "S1-1.4", "Kept with staff files; evidence links to them."),
        ("staff notes", "S3-2.2", "They stay in the care system; evidence links to them."),
        kind="staff_practice",
    ),
    *held(
        "Records",
        "records.concerns",
        ("incident logs", "S4-3.2", "Incidents as the incident system exports them."),
        kind="incident",
    ),
)

RECORD_NAMES: tuple[RecordName, ...] = (
    *_RISKS,
    *_DATA_LOG,
    *_ACTIONS,
    *_NOTES,
    *_MINUTES,
    *_EXPERIENCE,
    *_SAFEGUARDING,
    *_RETURNS,
    *RECOVERY_NAMES,
    *_MONITORING,
    *COMMISSIONER_NAMES,
    *_KPIS,
    *_EXTERNAL,
)


def matching(words: str) -> tuple[RecordName, ...]:
    """The names in which every one of the words occurs, in the name, its module, note or steps."""
    sought = re.findall(r"[\w-]+", words.casefold())
    return tuple(
        record
        for record in RECORD_NAMES
        if all(
            word in " ".join((record.name, record.module, record.note, *record.steps)).casefold()
            for word in sought
        )
    )


def by_module(names: tuple[RecordName, ...]) -> dict[str, list[RecordName]]:
    """The names grouped by the module that holds them: those of this version first."""
    grouped: dict[str, list[RecordName]] = {}
    for record in sorted(names, key=lambda record: record.endpoint is None):
        grouped.setdefault(record.module, []).append(record)
    return grouped
