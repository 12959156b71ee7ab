"""Counts of 1 to 4 people in running words, which `content.suppressed` cannot hide. Pure.

Looked for are people who are cared for and those close to them, and what happened to them, counted
in digits or in words: “two residents”, “both families”, “three falls”, “one complaint”. What only
looks so is left alone: “2 weeks”, “step 3”, days, references, “a two person hoist”, “one in four
people”. So is what tells of the provider's own work and of nobody who is cared for: staff, actions,
audits, visits. Asking about these would be asking about every sentence.
Source: DESIGN section 4, Packs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Each blank of a pattern. A new line goes on with a sentence only in small letters: otherwise it
# is the next cell of a table, or the next paragraph.
_BLANK = r"(?:[^\S\n]+|[^\S\n]*\n[^\S\n]*(?=(?-i:[a-z])))"
_ONE = r"1|one|a single|only one"
_FEW = r"[2-4]|two|three|four|both|a couple of|a pair of"
_PERSON = (
    r"resident|person|individual|service(?: |-)user|client|patient|tenant|customer|man|woman|"
    r"gentleman|lady|child|adult|family|relative|couple"
)
_PEOPLE = (
    r"residents|people|persons|individuals|service(?: |-)users|clients|patients|tenants|customers|"
    r"men|women|gentlemen|ladies|children|adults|families|relatives|couples"
)
# Between the number and the people: “two of the other residents”, “three of twelve people”,
# “two (2) residents”, “2/12 residents”.
_NUMBER = (
    r"\d+|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    r"eighteen|nineteen|twenty|thirty|forty|fifty"
)
_BETWEEN = (
    rf"(?:/\d+)?(?: (?:(?:out )?of|the|our|its|their|these|those|{_NUMBER}|\(\d+\)|other|more|"
    r"further|new|different|same|such|very|older|elderly|young|younger|frail|vulnerable|female|"
    r"male|former|current|present|sampled|named)){0,4}"
)
# What happened to somebody, and of what sort it was. What bears its name is no such thing: “one
# incident form”, “one complaint procedure”.
_SORT = (
    r"(?:(?:serious|minor|unwitnessed|reportable|repeat|repeated|recorded|reported|open|upheld|"
    r"formal|avoidable|unplanned|safeguarding|hospital|medicines?|medication|low(?: |-)level) )"
    r"{0,3}"
)
_EVENT = (
    r"(?:fall|incident|accident|injury|fracture|bruise|wound|infection|seizure|choking|overdose|"
    r"death|admission|complaint|allegation|near(?: |-)miss|pressure (?:ulcer|sore)|"
    r"(?:medicines?|medication|administration|dosage) error|missed (?:dose|visit|call)|"
    r"(?:safeguarding|low(?: |-)level) (?:concern|alert|referral|enquiry))"
    r"(?! (?:form|report|log|record|review|procedure|policy|meeting|plan|risk|rate|type|category)"
    r"s?\b)"
)
_EVENTS = (
    r"(?:falls|incidents|accidents|injuries|fractures|bruises|wounds|infections|seizures|overdoses|"
    r"deaths|admissions|complaints|allegations|near(?: |-)misses|pressure (?:ulcers|sores)|"
    r"(?:medicines?|medication|administration|dosage) errors|missed (?:doses|visits|calls)|"
    r"(?:safeguarding|low(?: |-)level) (?:concerns|alerts|referrals|enquiries))"
)
# A number after one of these counts nobody: “one in four people”, “twenty two residents”.
_PART = r"(?:(?:one|1) in|1 to|(?:twen|thir|for|fif|six|seven|eigh|nine)ty) "
# Nor does a digit after one of these: “step 3”, “unit 2 residents”; but the week that is “this
# week”, or the floor that is “the first floor”, has no number: there the digit counts people.
_LABEL = (
    r"(?:step|phase|stage|week|day|month|unit|wing|floor|room|flat|house|level|section|figure|"
    r"table|number|no\.?|version|part|line|page|question|action|standard|group|grade|type|tier|"
    r"category|ward|regulation) (?=\d)"
)
_NAMED = (
    r"(?:(?:this|that|the|a|an|last|next|past|same|each|every|per|our|its|their|one|other|ground|"
    r"top|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d+(?:st|nd|rd|th)) "
    r"(?:[a-z]+ )?)"
)
_COUNT = re.compile(
    (
        rf"(?:\b{_NAMED}{_LABEL}|(?P<nobody>\b(?:{_PART}|{_LABEL})))?(?<![\w.,:/£$%#-])"
        rf"(?P<count>(?:{_FEW}){_BETWEEN} (?:{_PEOPLE}|{_SORT}{_EVENTS})|"
        rf"(?:{_ONE}){_BETWEEN} (?:{_PERSON}|{_PEOPLE}|{_SORT}{_EVENT})|"
        rf"(?:{_ONE}) (?:out )?of{_BETWEEN} {_SORT}{_EVENTS})\b"
    ).replace(" ", _BLANK),
    re.IGNORECASE,
)


def small_counts(text: str) -> Iterator[str]:
    """The words of each."""
    for match in _COUNT.finditer(text):
        if match["nobody"] is None:
            yield " ".join(match["count"].split())
