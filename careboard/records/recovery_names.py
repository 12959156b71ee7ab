"""The records of service recovery by name. Source: steps S1-1.1 to S1-3.5."""

from __future__ import annotations

from careboard.records.named import RecordName, held

RECOVERY_NAMES: tuple[RecordName, ...] = (
    *held(
        "Recovery",
        "recovery.plans",
        ("medicines recovery dashboard", "S1-1.1", "Medicines indicators with their baselines."),
        domain="medicines",
    ),
    *held(
        "Recovery",
        "recovery.plans",
        ("staffing recovery file", "S1-3.1", "Delays, dependency and staffing exceptions."),
        domain="staffing",
    ),
    *held(
        "Recovery",
        "recovery.plans",
        ("care planning tracker", "S1-2.1", "Care reviews due and done, and overdue actions."),
        ("care review trackers", "S1-2.2", "Care reviews due and done in each service."),
        domain="records",
    ),
    *(
        record
        for code, *names in (
            ("care-planning-evidence-file", ("care planning evidence file", "S1-2.2", "Sampled "
             "review actions: specific and owned?")),
            ("workforce-assurance-file", ("workforce assurance file", "S1-1.4", "Observed rounds "
             "and competency findings.")),
            ("observation-log", ("observation log", "S1-2.4", "Whether staff follow updated "
             "guidance."), ("observation records", "S1-2.2", "Observations of practice.")),
            ("daily-management-log", ("daily management log", "S1-3.3", "Who was deployed on "
             "sampled shifts, and delays."), ("daily logs", "S1-3.3", "Daily management logs of "
             "sampled shifts.")),
            ("dependency-reviews", ("dependency reviews", "S1-3.1", "How much support people need, "
             "as it changes.")),
        )
        for record in held("Recovery", "recovery.all_checks", *names, record=code)
    ),
    *held(
        "Experience",
        "experience.index",
        ("quality monitoring file", "S1-3.4", "Feedback on response times and continuity."),
    ),
)  # fmt: skip
