"""The explorer tells what the tables tell, and of what is missing nothing."""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tallystick import strategies
from tallystick.canonical import Fault, RuleRef
from tallystick.flows.regimes import Explorer, NoSuchRegime, Sought
from tallystick.strategies import Registry

ABSENT = """
class Plugin:
    name = "{name}"
    countries = frozenset({{"AQ"}})
    edition = "1"
    def check(self, invoice, enrolment): return ()
    def build(self, invoice, enrolment): ...
    def submit(self, document, enrolment): ...
    def inquire(self, document, enrolment): ...
strategy = Plugin()
"""
RULE = '[[rule]]\nid = "G/1"\nseverity = "warning"\ntext = "It has a colour."\nsource = "clause 7"\n'


@pytest.fixture(scope="module")
def registry() -> Registry:
    return strategies.load()


@pytest.fixture(scope="module")
def explorer(registry: Registry) -> Explorer:
    return Explorer(registry)


def guest(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, table: str | None) -> Explorer:
    """An explorer that knows a plug-in of one package, with this rule table in it."""
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(ABSENT.format(name=name))
    if table is not None:
        (folder / name / "rules.toml").write_text(table)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, name, raising=False)
    module: Any = __import__(name)
    return Explorer(Registry([(module.strategy, module)]))


def table_of(root: Path, name: str) -> dict[str, Any]:
    return tomllib.loads((root / "schemas" / "rules" / f"{name}.toml").read_text(encoding="utf-8"))


def test_every_loaded_strategy_is_told_of(explorer: Explorer, registry: Registry) -> None:
    told = {one.id: one for one in explorer.regimes().data}

    assert list(told) == sorted(strategy.name for strategy in registry.all)
    for strategy in registry.all:
        assert set(told[strategy.name].countries) == strategy.countries
        assert told[strategy.name].edition == strategy.edition
    assert {"acts", "carries_data", "has_deadline", "logs_in"} <= set(told["in_irp"].abilities)
    assert "acts" not in told["default"].abilities


def test_every_rule_of_every_table_is_told_with_what_becomes_of_it(explorer: Explorer, root: Path) -> None:
    for regime in explorer.regimes().data:
        table = table_of(root, regime.id)
        if "include" in table:
            continue
        rules = {rule.id: rule for rule in explorer.rules(regime.id)}
        assert list(rules) == [row["id"] for row in table["rule"]]
        for row in table["rule"]:
            rule = rules[row["id"]]
            assert (rule.severity, rule.text, rule.impossible) == (
                row["severity"],
                row["text"],
                row.get("impossible"),
            )
            assert rule.native == (row.get("native", True) and "impossible" not in row)
        counts = [(one.rules, one.native + one.impossible + one.authority) for one in regime.rule_sets]
        assert all(every == parts for every, parts in counts)
        assert sum(every for every, _ in counts) == len(rules)


@pytest.mark.parametrize(
    ("sought", "wanted"),
    [
        (Sought(severity="warning"), lambda rule: rule.severity == "warning"),
        (Sought(term="bt-31"), lambda rule: rule.term == "BT-31"),
        (Sought(set="sa"), lambda rule: rule.set == "sa"),
        (Sought(native=False), lambda rule: not rule.native),
        (Sought(native=True, severity="error"), lambda rule: rule.native and rule.severity == "error"),
        (Sought(q="RIYALS"), lambda rule: "riyals" in f"{rule.id} {rule.text} {rule.hint} {rule.impossible}"),
    ],
)
def test_what_is_sought_is_found_and_nothing_else(explorer: Explorer, sought: Sought, wanted: Any) -> None:
    every = explorer.rules("sa_zatca")

    found = explorer.rules("sa_zatca", sought)

    assert 0 < len(found) < len(every)
    assert list(found) == [rule for rule in every if wanted(rule)]


def test_a_rule_with_a_slash_is_found_under_its_own_path(explorer: Explorer) -> None:
    rule = explorer.rule("sa_zatca", "sa~1uuid")

    assert (rule.id, rule.href) == ("sa/uuid", "/v1/regimes/sa_zatca/rules/sa~1uuid")


def test_every_term_of_the_model_is_a_field_and_so_is_every_block(explorer: Explorer, root: Path) -> None:
    schema = (root / "schemas" / "canonical" / "invoice.schema.json").read_text()
    terms = set(re.findall(r'"x-b[tg]": "(B[TG]-\d+)"', schema)) - {"BG-2"}  # no object of its own
    assert len(terms) > 100
    for regime in explorer.regimes().data:
        fields = explorer.fields(regime.id).data
        pointers = [field.pointer for field in fields]
        assert {field.term for field in fields if field.term} == terms
        assert len(pointers) == len(set(pointers))
        for field in fields:
            parent = field.pointer.rpartition("/")[0].removesuffix("/{}")
            assert parent in ("", *pointers)
        own = {field.pointer for field in fields if field.regime}
        assert bool(own) == (regime.regime_data is not None)
    quantity = next(
        one for one in explorer.fields("default").data if one.pointer == "/lines/{}/invoiced_quantity"
    )
    assert (quantity.term, quantity.type, quantity.required) == ("BT-129", "number in a string", True)


def test_a_field_names_the_elements_of_the_authoritys_format(explorer: Explorer, root: Path) -> None:
    table = tomllib.loads((root / "schemas" / "in_irp" / "inv01.toml").read_text())["field"]
    told = {field.pointer: field.wire for field in explorer.fields("in_irp").data}

    assert told["/seller/tax_identifier"] == ["SellerDtls.Gstin"]
    placed = {row["path"]: row["at"].replace("/0", "/{}") for row in table if row["at"]}
    assert {path: at for path, at in placed.items() if path not in told.get(at, ())} == {}


def test_the_code_lists_of_a_regime_are_those_its_strategy_reads(explorer: Explorer, root: Path) -> None:
    folder = root / "schemas" / "codelists"
    known = tomllib.loads((folder / "SOURCE.toml").read_text())
    for regime in explorer.regimes().data:
        home = root / "strategies" / regime.id
        code = "\n".join(path.read_text() for path in home.glob("*.py")) if home.is_dir() else ""
        read = {name for name in known if re.search(rf'["/]{re.escape(name)}[".]', code)}
        assert {one.name for one in explorer.code_lists(regime.id).data} >= read, regime.id
    assert len(explorer.code_lists("peppol").data) > 15


def test_a_code_list_has_the_codes_of_its_file(explorer: Explorer, root: Path) -> None:
    folder = root / "schemas" / "codelists"
    schemes = explorer.code_list("peppol", "eas")
    goods = [code.code for code in explorer.code_list("in_irp", "in-hsn").codes]

    assert [code.code for code in schemes.codes] == (folder / "eas.txt").read_text().split()
    assert (schemes.count, schemes.source != "", schemes.date is not None) == (len(schemes.codes), True, True)
    assert {"0101", "01012100", "010121"} <= set(goods) and len(goods) == len(set(goods)) == 18_687
    assert not any("~" in code for code in goods)
    assert explorer.code_list("in_irp", "in-states").codes[0].name == "Jammu and Kashmir"


def test_of_a_plug_in_without_anything_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer = guest(tmp_path, monkeypatch, "regimes_guest", None)
    regime = explorer.regime("regimes_guest")

    assert (regime.rule_sets, regime.settings, regime.secrets, regime.acts) == ([], None, [], {})
    assert list(explorer.rules("regimes_guest")) == []
    assert explorer.code_lists("regimes_guest").data == []
    assert not any(field.regime for field in explorer.fields("regimes_guest").data)


def test_a_plug_in_brings_its_table_in_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = guest(tmp_path, monkeypatch, "regimes_owner", RULE)

    assert [rule.id for rule in explorer.rules("regimes_owner")] == ["G/1"]
    assert explorer.rule("regimes_owner", "G~11").severity == "warning"


def test_a_plug_ins_table_that_cannot_be_read_is_told_in_the_log_and_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    explorer = guest(tmp_path, monkeypatch, "regimes_broken", RULE + RULE)

    assert list(explorer.rules("regimes_broken")) == []
    assert "numbers used twice: G/1" in caplog.text


@pytest.mark.parametrize("ask", ["regime", "rules", "fields", "code_lists"])
def test_of_a_strategy_nobody_loaded_there_is_nothing(explorer: Explorer, ask: str) -> None:
    with pytest.raises(NoSuchRegime):
        getattr(explorer, ask)("nobody")
    with pytest.raises(NoSuchRegime):
        explorer.rule("peppol", "BR-NOBODY")
    with pytest.raises(NoSuchRegime):
        explorer.code_list("peppol", "SOURCE")


def test_a_fault_leads_to_its_rule_and_only_to_its_own(explorer: Explorer) -> None:
    def led(ref: RuleRef | None) -> str:
        return explorer.href("peppol", Fault(code="c", pointer="", message="m", rule=ref))

    assert led(RuleRef("en16931", "BR-CO-15", "1")) == "/v1/regimes/peppol/rules/BR-CO-15"
    assert led(RuleRef("another", "BR-CO-15")) == led(RuleRef("en16931", "BR-NOBODY")) == led(None) == ""
