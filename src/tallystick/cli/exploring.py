"""`regimes`, `rules`: what the loaded strategies know, on the user's own machine, without a database."""

from typing import TYPE_CHECKING, Annotated

import typer

from tallystick.cli.printing import USAGE, Failure, show, show_json, show_table

if TYPE_CHECKING:
    from tallystick.flows.regimes import Explorer, RuleView

__all__ = ["regimes", "rules"]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
TITLES = ("Regime", "Countries", "Edition", "Rules", "Checked here", "Abilities")
RULE_TITLES = ("Number", "Severity", "Term", "Checked", "Holds when right")
MANY = 4


def regimes(as_json: AsJson = False) -> None:
    """List the loaded strategies: where each serves, and how many rules it has."""
    import msgspec

    found = opened().regimes().data
    if as_json:
        for one in found:
            show_json(msgspec.to_builtins(one))
        return
    rows = [
        (
            one.id,
            countries(one.countries),
            one.edition,
            str(sum(each.rules for each in one.rule_sets)),
            str(sum(each.native for each in one.rule_sets)),
            ", ".join(one.abilities),
        )
        for one in found
    ]
    show_table(TITLES, rows)


def rules(
    regime: Annotated[str, typer.Argument(help="The strategy's name; `tallystick regimes` lists them.")],
    number: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One rule, with all that is known of it.")
    ] = None,
    term: Annotated[str | None, typer.Option(help="Only rules about this term, such as BT-31.")] = None,
    severity: Annotated[str | None, typer.Option(help="Only these: error, warning or info.")] = None,
    set_: Annotated[
        str | None, typer.Option("--set", metavar="SET", help="Only rules of this publisher's set.")
    ] = None,
    native: Annotated[
        bool | None, typer.Option("--native/--not-native", help="Only rules checked here, or the others.")
    ] = None,
    find: Annotated[
        str | None, typer.Option("-q", "--find", metavar="TEXT", help="Only rules with this text.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List a regime's rules, or tell all about one of them."""
    import msgspec

    from tallystick.flows.regimes import NoSuchRegime, Sought

    if severity not in (None, "error", "warning", "info"):
        raise Failure("--severity is error, warning or info", USAGE)
    explorer = opened()
    sought = Sought(severity=severity, term=term, set=set_, native=native, q=find)
    try:
        found = explorer.rules(regime, sought)
        one = explorer.rule(regime, number) if number is not None else None
    except NoSuchRegime as error:
        if str(error) == regime:
            known = ", ".join(each.id for each in explorer.regimes().data)
            raise Failure(f"there is no regime {regime}; there are {known}", USAGE) from None
        raise Failure(f"{regime} has no rule {number}") from None
    if as_json:
        for rule in found if one is None else [one]:
            show_json(msgspec.to_builtins(rule))
    elif one is not None:
        tell(one)
    else:
        show_table(RULE_TITLES, [(rule.id, rule.severity, rule.term, by(rule), rule.text) for rule in found])


def opened() -> "Explorer":
    """What the strategies of this installation know."""
    from tallystick import strategies
    from tallystick.flows.regimes import Explorer

    return Explorer(strategies.load())


def countries(codes: list[str]) -> str:
    """The countries of a strategy, or how many there are."""
    return ", ".join(codes) if len(codes) <= MANY else f"{len(codes)} countries"


def by(rule: "RuleView") -> str:
    """Who looks at the rule."""
    if rule.native:
        return "here"
    return "by the authority" if rule.impossible is None else "cannot be broken"


def tell(rule: "RuleView") -> None:
    """All that is known of one rule, for people."""
    days = " ".join(f"{word} {day}" for word, day in (("since", rule.since), ("until", rule.until)) if day)
    facts = (
        ("", f"{rule.id} ({rule.severity})"),
        ("set", f"{rule.set} {rule.version}".strip()),
        ("term", rule.term),
        ("right", rule.text),
        ("عربي", rule.text_ar),
        ("to do", rule.hint),
        ("checked", by(rule)),
        ("because", rule.impossible or ""),
        ("in force", days),
        ("source", rule.source),
    )
    for word, text in facts:
        if text:
            show(f"{word + ':':<10}{text}" if word else text)
