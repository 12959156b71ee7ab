"""Who is in the demo."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """`services` None: all."""

    org: str
    name: str
    local: str
    job_title: str
    roles: tuple[str, ...]
    services: tuple[str, ...] | None = None

    @property
    def email(self) -> str:
        return f"{self.local}@{self.org}.example"


ORGANISATIONS = (
    ("oakfield", "Oakfield Care Group", "provider", "1-9990011000"),
    ("brightwater", "Brightwater Support", "provider", "1-9990055000"),
    ("northshire", "Northshire Council", "commissioner", None),
)

PEOPLE = (
    Person("oakfield", "Grace Oyelaran", "grace", "Director of quality", ("governance_lead",)),
    Person(
        "oakfield",
        "Martin Reyes",
        "martin",
        "Registered manager",
        ("registered_manager",),
        ("Alder House", "Rowan Court"),
    ),
    Person(
        "oakfield",
        "Amara Nwosu",
        "amara",
        "Medicines lead",
        ("contributor",),
        ("Alder House", "Rowan Court"),
    ),
    Person("oakfield", "Vic Osei", "vic", "Quality auditor", ("verifier",)),
    Person("oakfield", "Cora Whitlock", "cora", "Contracts lead", ("contracts_lead",)),
    Person("oakfield", "Beth Hallam", "beth", "Nominated individual", ("board_member",)),
    Person("oakfield", "Adam Prior", "adam", "Systems administrator", ("administrator",)),
    Person(
        "oakfield",
        "Sunita Rao",
        "sunita",
        "Registered manager",
        ("registered_manager",),
        ("Birch Homecare, North", "Birch Homecare, South", "Willow Supported Living"),
    ),
    Person(
        "oakfield",
        "Tom Ashdown",
        "tom",
        "Care coordinator",
        ("contributor",),
        ("Birch Homecare, North", "Birch Homecare, South", "Willow Supported Living"),
    ),
    Person("brightwater", "Olu Adeyemi", "olu", "Head of quality", ("governance_lead",)),
    Person(
        "brightwater",
        "Helen Marsh",
        "helen",
        "Registered manager",
        ("registered_manager",),
        ("Harbour View",),
    ),
    Person("brightwater", "Noor Haddad", "noor", "Contracts lead", ("contracts_lead",)),
    Person("northshire", "Nadia Iqbal", "nadia", "Contracts officer", ("commissioner_reader",)),
)

# What `careboard demo` prints, in the order in which one would try them.
SIGN_INS = (
    ("grace@oakfield.example", "governance lead, all of Oakfield"),
    ("martin@oakfield.example", "registered manager of Alder House and Rowan Court"),
    ("amara@oakfield.example", "contributor (medicines lead) there"),
    ("vic@oakfield.example", "verifier"),
    ("cora@oakfield.example", "contracts lead"),
    ("beth@oakfield.example", "board member"),
    ("adam@oakfield.example", "administrator"),
    ("olu@brightwater.example", "governance lead of the other provider"),
    ("noor@brightwater.example", "its contracts lead"),
    ("nadia@northshire.example", "commissioner reader: what both published to the council"),
)
