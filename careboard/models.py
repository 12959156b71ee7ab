"""Every table, imported in one place so that the metadata is complete."""

from careboard.accounts.models import (
    Account,
    Heartbeat,
    Membership,
    MembershipService,
    Organisation,
    OrganisationKey,
)
from careboard.accounts.second_factor_models import (
    Authenticator,
    Passkey,
    RecoveryCode,
    SingleUseToken,
)
from careboard.accounts.session_models import AccountSession, SignInAttempt
from careboard.actions.models import Action, ActionUpdate
from careboard.assurance.models import Claim, Sample, SampleItem, Validation
from careboard.audit_log.models import SignedHead
from careboard.board_packs.models import BoardPack
from careboard.dashboards.models import FigureReading
from careboard.evidence.models import Evidence, EvidenceLink, EvidenceRevision
from careboard.experience.models import (
    ExperienceSummary,
    ExperienceTheme,
    IntelligenceNote,
    ThemeAction,
    ThemeRating,
)
from careboard.framework.models import CrosswalkDecision, FrameworkTag, FrameworkUse
from careboard.imports.models import (
    DataMap,
    HeldText,
    ImportBatch,
    QuarantinedRow,
    StoredFile,
    SupersededRow,
)
from careboard.monitoring.models import (
    CommissionerStatement,
    ConfidenceNote,
    CriterionJudgement,
    DecisionTrigger,
    EpisodeChange,
    EpisodeCriterion,
    EpisodeReview,
    MonitoringDecision,
    MonitoringEpisode,
    MonitoringVisit,
)
from careboard.monitoring.return_models import ContractNote, MonitoringReport, MonitoringReturn
from careboard.packs.commissioner_models import CommissionerDomain, CommissionerReader
from careboard.packs.models import CommissionerLink, Pack, PackGrant, PackOverride, PackRead
from careboard.records.models import Audit, AuditConcern, Concern
from careboard.recovery.check_models import CheckFinding, PracticeCheck
from careboard.recovery.dashboard_models import KeptSeries
from careboard.recovery.models import (
    CareReview,
    Indicator,
    IndicatorTarget,
    MedicineDose,
    Reading,
    Rebase,
)
from careboard.recovery.plan_models import PlanIndicator, PlanTemplate, RecoveryPlan
from careboard.recovery.response_models import PlanReview, PlanReviewStory, Response
from careboard.references import ReferenceCounter
from careboard.reminders.models import Outbox, Reminder, Suppression
from careboard.retention.models import Disposal, LegalHold, RetentionPeriod
from careboard.reviews.models import ChallengeAnswer, Review, ReviewEntry, ReviewItem
from careboard.risks.models import RatingDispute, RatingReview, RatingWatch, Risk, WatchNote
from careboard.rules.models import RowVersion, RulePass, RuleSetting, Trigger, TriggerChange
from careboard.services.models import Service
from careboard.sharing.communication_models import (
    Communication,
    CommunicationAnswer,
    ControlCheck,
    PartnerAdvice,
    PatternReview,
)
from careboard.sharing.models import (
    ContractThreshold,
    RaisedRisk,
    RaisedRiskGround,
    SharingConsideration,
    SharingDecision,
)
from careboard.submissions import Submission
from careboard.updates.models import (
    FeedbackAnswer,
    RecoveryUpdate,
    TrackedConcern,
    UpdateFeedback,
    UpdateSchedule,
    UpdateWords,
)

__all__ = [
    "Account",
    "AccountSession",
    "Action",
    "ActionUpdate",
    "Audit",
    "AuditConcern",
    "Authenticator",
    "BoardPack",
    "CareReview",
    "ChallengeAnswer",
    "CheckFinding",
    "Claim",
    "CommissionerDomain",
    "CommissionerLink",
    "CommissionerReader",
    "CommissionerStatement",
    "Communication",
    "CommunicationAnswer",
    "Concern",
    "ConfidenceNote",
    "ContractNote",
    "ContractThreshold",
    "ControlCheck",
    "CriterionJudgement",
    "CrosswalkDecision",
    "DataMap",
    "DecisionTrigger",
    "Disposal",
    "EpisodeChange",
    "EpisodeCriterion",
    "EpisodeReview",
    "Evidence",
    "EvidenceLink",
    "EvidenceRevision",
    "ExperienceSummary",
    "ExperienceTheme",
    "FeedbackAnswer",
    "FigureReading",
    "FrameworkTag",
    "FrameworkUse",
    "Heartbeat",
    "HeldText",
    "ImportBatch",
    "Indicator",
    "IndicatorTarget",
    "IntelligenceNote",
    "KeptSeries",
    "LegalHold",
    "MedicineDose",
    "Membership",
    "MembershipService",
    "MonitoringDecision",
    "MonitoringEpisode",
    "MonitoringReport",
    "MonitoringReturn",
    "MonitoringVisit",
    "Organisation",
    "OrganisationKey",
    "Outbox",
    "Pack",
    "PackGrant",
    "PackOverride",
    "PackRead",
    "PartnerAdvice",
    "Passkey",
    "PatternReview",
    "PlanIndicator",
    "PlanReview",
    "PlanReviewStory",
    "PlanTemplate",
    "PracticeCheck",
    "QuarantinedRow",
    "RaisedRisk",
    "RaisedRiskGround",
    "RatingDispute",
    "RatingReview",
    "RatingWatch",
    "Reading",
    "Rebase",
    "RecoveryCode",
    "RecoveryPlan",
    "RecoveryUpdate",
    "ReferenceCounter",
    "Reminder",
    "Response",
    "RetentionPeriod",
    "Review",
    "ReviewEntry",
    "ReviewItem",
    "Risk",
    "RowVersion",
    "RulePass",
    "RuleSetting",
    "Sample",
    "SampleItem",
    "Service",
    "SharingConsideration",
    "SharingDecision",
    "SignInAttempt",
    "SignedHead",
    "SingleUseToken",
    "StoredFile",
    "Submission",
    "SupersededRow",
    "Suppression",
    "ThemeAction",
    "ThemeRating",
    "TrackedConcern",
    "Trigger",
    "TriggerChange",
    "UpdateFeedback",
    "UpdateSchedule",
    "UpdateWords",
    "Validation",
    "WatchNote",
]
