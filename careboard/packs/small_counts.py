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
_BLANK = r"(?:[^\S\n]++|[^\S\n]*\n[^\S\n]*(?=(?-i:[a-z])))"
_ONE = r"1|one|a single|only one"
_FEW = r"[1-4]|two|three|four|both|a couple of|a pair of"
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
# Of what sort the event was: up to three words of any kind, “two grade 3 pressure ulcers”. They
# stand in the singular, so that a plural ends the count (“two nurses recorded falls”), as does
# what begins another phrase, what somebody does about events, another number, a month and staff.
_NO_SORT = (
    rf"(?:{_NUMBER}|{_ONE}|{_FEW}|hundred|thousand|million|dozen|third|half|per ?cent|fewer|less|"
    r"a|an|the|this|that|these|those|each|every|any|no|all|some|either|neither|"
    r"his|her|my|our|your|their|i|he|she|it|they|we|you|us|who|whom|which|what|"
    r"and|or|but|nor|plus|if|so|than|then|when|where|while|because|not|never|"
    r"of|off|in|on|at|by|to|for|from|with|within|without|after|before|during|following|about|around|"
    r"against|between|among|into|over|under|above|below|since|until|through|towards|per|via|versus|"
    r"is|are|was|were|be|been|being|am|pm|had|have|did|do|can|could|will|would|shall|should|may|"
    r"might|must|saw|see|made|make|led|lead|found|find|kept|keep|held|hold|told|tell|got|get|cut|"
    r"(?:reduc|prevent|avoid|record|report|review|monitor|manag|investigat|includ|involv|caus|"
    r"discuss|address|cover|describ|explain|explor|concern|count|track|follow|learn|handl|rais|"
    r"need|stopp?|focuss?|show|understand|analys|audit|check|look)(?:e|ing)?|staff|"
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![\w-])"
)
_WORD = rf"(?:(?!{_NO_SORT})[a-z]{{1,20}}(?:-[a-z\d]{{1,20}}){{0,2}}(?<![^isu]s))"
_SORT = (
    r"(?:(?:(?:category|grade|stage|level) (?:\d|one|two|three|four)|moving and handling|no harm|"
    rf"medicines|falls|diabetes|{_WORD}) ){{0,3}}"
)
# What happened to somebody. What bears its name is no such thing: “one incident form”.
_NOT_ITS_NAME = (
    r"(?!(?: |-)(?:form|report|log|record|book|register|chart|map|tracker|review|audit|analysis|"
    r"analyse|assessment|check|checklist|tool|procedure|protocol|polic(?:y|ie)|pathway|guideline|"
    r"plan|letter|leaflet|poster|certificate|meeting|panel|committee|group|clinic|team|nurse|"
    r"champion|coordinator|training|course|workshop|prevention|control|management|monitoring|"
    r"reporting|recording|handling|investigation|response|reduction|sensor|detector|alarm|mat|"
    r"dressing|care|system|risk|rate|trend|theme|data|figure|type|categor(?:y|ie))s?\b)"
)
_DRUG = r"(?:medicines?|medication|drugs?|administration|dispensing|prescribing|insulin|dosage)"
_CONCERN = rf"(?:safeguarding|low(?: |-)level) (?:{_WORD} )?"
_EVENT = (
    r"(?:fall|incident|accident|injury|fracture|bruise|wound|infection|seizure|choking|overdose|"
    r"death|admission|complaint|allegation|near(?: |-)miss|ulcer|(?:pressure|bed) sore|skin tear|"
    rf"{_DRUG} error|missed (?:{_WORD} )?(?:dose|visit|call)|"
    rf"{_CONCERN}(?:concern|alert|referral|enquiry)){_NOT_ITS_NAME}"
)
_EVENTS = (
    r"(?:falls|incidents|accidents|injuries|fractures|bruises|wounds|infections|seizures|overdoses|"
    r"deaths|admissions|complaints|allegations|near(?: |-)misses|ulcers|(?:pressure|bed) sores|"
    rf"skin tears|{_DRUG} errors|missed (?:{_WORD} )?(?:doses|visits|calls)|"
    rf"{_CONCERN}(?:concerns|alerts|referrals|enquiries)){_NOT_ITS_NAME}"
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
# How bad a wound is always has a number: “the category 2 pressure ulcers”.
_GRADED = r"(?:category|grade|stage) (?=\d (?:[a-z]+ )?(?:ulcer|sore|injur))"
_COUNT = re.compile(
    (
        rf"(?:\b{_NAMED}(?!{_GRADED}){_LABEL}|(?P<nobody>\b(?:{_PART}|{_LABEL})))?"
        r"(?<![\w.,:/£$%#-])"
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
