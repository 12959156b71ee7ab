"""Words that sources use for the codes of a feed. Keys are compared without case, marks or spaces.

Rule source: domain/data-shapes.md 6.2 and 6.3 point 19.
"""


def _codes(**groups: str) -> dict[str, str]:
    """Return {word: code} from code="word / word"; each code also stands for itself."""
    found: dict[str, str] = {}
    for code, words in groups.items():
        canonical = code.rstrip("_")
        for word in (canonical, canonical.replace("_", " "), *words.split(" / ")):
            if word.strip():
                found[word.strip()] = canonical
    return found


YES_NO = {
    "yes": "true", "y": "true", "true": "true", "t": "true", "1": "true", "formal": "true",
    "no": "false", "n": "false", "false": "false", "f": "false", "0": "false",
    "informal": "false",
}  # fmt: skip

RAG = _codes(
    green="g / compliant / met / good / pass / low / on track",
    amber="a / yellow / orange / partially compliant / partly met / partial / medium",
    red="r / non compliant / not met / fail / failed / high / off track / critical",
)
SEVERITY = _codes(
    green="g / advisory / low / minor / observation / recommendation / for information",
    amber="a / yellow / orange / medium / moderate",
    red="r / high / major / critical / serious / severe / urgent / immediate",
)
OPEN_CLOSED = _codes(
    open="opened / live / active / new / ongoing / on going / under review / in progress / "
    "outstanding / awaiting closure / under investigation / investigating / pending / reopened / "
    "re opened / not closed / awaiting outcome / in review / reported / started / "
    "not started / wip",
    closed="close / complete / completed / resolved / done / finished / signed off / "
    "no further action / nfa / finalised / concluded / completed and closed",
)
ACTION_STATUS = _codes(
    open="opened / not started / new / to do / todo / outstanding / not yet started / raised / "
    "assigned / planned / yet to start",
    in_progress="wip / work in progress / started / ongoing / on going / underway / under way / "
    "in hand / partly complete / partially complete / progressing / active",
    awaiting="done awaiting verification / complete awaiting sign off / awaiting verification / "
    "awaiting sign off / pending verification / to be verified / done / complete / completed / "
    "closed / awaiting approval / for verification / ready for verification / finished / "
    "completed awaiting verification / completed awaiting sign off / closed awaiting verification",
    verified="closed verified / verified closed / verified and closed / verified & closed / "
    "signed off / complete verified / completed verified / complete and verified / "
    "completed and verified / done verified / closed and verified",
    cancelled="canceled / withdrawn / no longer required / no longer needed / not required / "
    "void / "
    "abandoned / superseded",
)
HARM = _codes(
    none="no harm / no injury / nil / no apparent harm / none apparent / no harm caused",
    low="low harm / minor / minimal / slight / minor harm / first aid / low level",
    moderate="moderate harm / medium / significant / moderate injury",
    severe="severe harm / major / serious / high / serious harm / serious injury / major harm",
    death="fatal / died / death of a person / fatality / catastrophic",
)
COMPLAINT_OUTCOME = _codes(
    upheld="fully upheld / upheld in full / justified / substantiated",
    part="partially upheld / partly upheld / part upheld / upheld in part / partial / partially / "
    "partly / partly substantiated / partially substantiated",
    not_="not upheld / unsubstantiated / not justified / unfounded / rejected / dismissed / "
    "not substantiated",
)
RESPONDENT = _codes(
    person="service user / resident / client / person using the service / person supported / "
    "customer / user / person we support / individual / people who use the service / tenant",
    relative="family / family member / rep / representative / carer / friend / relative friend / "
    "family friend / next of kin / advocate / relatives / family or friend / loved one / rel",
    staff="employee / worker / care worker / team member / colleague / staff member / carer staff",
    professional="visiting professional / health professional / social worker / gp / "
    "external professional / nurse / stakeholder / prof",
)
QUESTION = _codes(
    timely_support="support comes when needed / i get support when i need it / "
    "support when i need it / support arrives on time / my calls are on time / timely care / "
    "i get help when i need it / care comes when needed",
    respect="treated with respect / i am treated with respect / dignity and respect / "
    "staff treat me with respect / treated with dignity and respect / dignity",
    workload="i have time to do my job well / enough time to do my job / time to do my job / "
    "i have enough time to do my job well / manageable workload",
)
LEVEL = _codes(
    low="low level / low level concern / lower level / concern / below threshold / internal / "
    "not referred / low risk / level 1",
    referral="s42 referral / s42 / section 42 / section 42 referral / section 42 enquiry / "
    "s42 enquiry / referred / safeguarding referral / la referral / referred to local authority / "
    "local authority referral / s 42 referral / s 42",
)
MEDICINE_OUTCOME = _codes(
    given="g / administered / taken / dose given / adm",
    prompted="prompt / reminded",
    made_available="left out",
    self_administered="self administered / self medicated / self medicating / d5 / d9",
    refused="a1 / declined",
    not_taken="",
    asleep="a3 / sleeping",
    absent="a4 / away / not at home",
    hospital="d3 / in hospital",
    leave="d4 / day release / social leave / on leave",
    unwell="a2 / a5 / a6 / nausea / vomiting / nausea or vomiting / too ill / loose stools",
    not_required="a0 / d7 / d8 / not needed",
    too_soon="b1",
    discontinued="b2 / stopped",
    withheld="b4 / pulse too low / held / clinically withheld",
    rescheduled="d6 / next due adjusted",
    on_paper="d2 / d12 / paper mar",
    destroyed="c1 / destroyed or damaged / damaged / dropped",
    contaminated="c3",
    out_of_date="c4 / expired",
    stock_out="c2 / stock unavailable / out of stock / no stock / unavailable",
    awaiting_stock="c5",
    omitted="d1 / omitted by error / omitted in error / missed / omission",
    missing_given="d10 / missing entry marked given / missing entry given",
    missing_not_given="d11 / missing entry marked not given / missing entry not given",
)
# Single letters mean one thing in one system and another in the next, so they count only for a
# source that is called by the system's name. Source: domain/data-shapes.md 6.4.
MEDICINE_SYSTEMS = {
    "log my care": _codes(
        given="t",
        not_taken="nt",
        refused="r / e",
        hospital="c",
        leave="d",
        prompted="p",
        not_required="nr",
        made_available="m",
    ),
}
