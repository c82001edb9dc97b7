from __future__ import annotations

import pytest
from sqlmodel import Session, select

from db.tables import Report
from db.vocabulary import Visibility
from incidents.tiers import Tier, citable, citable_row, seen, visible
from tests.incidents.factories import organisation, report

SEES = {
    Tier.PUBLIC: {Visibility.PUBLIC},
    Tier.RESTRICTED: {Visibility.PUBLIC, Visibility.RESTRICTED},
    Tier.INTERNAL: {Visibility.PUBLIC, Visibility.RESTRICTED, Visibility.INTERNAL},
}


@pytest.mark.parametrize("tier", list(Tier))
def test_each_tier_sees_its_own_and_what_lies_below(tier: Tier) -> None:
    assert {visibility for visibility in Visibility if visible(visibility, tier)} == SEES[tier]
    assert set(seen(tier)) == SEES[tier]


@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize("visibility", list(Visibility))
def test_what_may_not_be_exported_is_cited_inside_only(tier: Tier, visibility: Visibility) -> None:
    assert citable(visibility, may_export=True, tier=tier) == (visibility in SEES[tier])
    assert citable(visibility, may_export=False, tier=tier) == (tier is Tier.INTERNAL)


@pytest.mark.parametrize("tier", list(Tier))
def test_the_rule_in_sql_is_the_rule_in_python(session: Session, tier: Tier) -> None:
    organisation(session, "monitor")
    for visibility in Visibility:
        for may_export in (True, False):
            report(session, f"{visibility.value}-{may_export}", visibility=visibility.value, may_export=may_export)
    rows = session.exec(select(Report)).all()
    cited = {row.code for row in session.exec(select(Report).where(citable_row(tier))).all()}
    assert cited == {row.code for row in rows if citable(row.visibility, may_export=row.may_export, tier=tier)}
