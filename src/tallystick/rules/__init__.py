"""Published rules as data and small predicates: what standards and networks ask of an invoice.

A predicate says `yield from case.broken(number, pointer, …)`; whether that is an error, a warning or nothing
at all is the profile's business. This room knows standards and networks, never a country.
"""

from tallystick.rules.case import Case
from tallystick.rules.engine import Family, judge
from tallystick.rules.profiles import Edition, Profile, edition, profile
from tallystick.rules.table import Rule, read

__all__ = ["Case", "Edition", "Family", "Profile", "Rule", "edition", "judge", "profile", "read"]
