"""docs/ROLES.md says what the rules say, of every route, and the policies agree with it."""

from __future__ import annotations

from hub.cli.roles import ACTS, EVERYBODY, LINK, NOBODY, ROLES, acts_of, cell, roles_page
from hub.factory import POLICIES
from tests.support.services import ROOT


def test_page_is_fresh() -> None:
    page = (ROOT / "docs" / "ROLES.md").read_text(encoding="utf-8")
    assert page == roles_page(), "run: make docs"


def test_every_route_belongs_to_one_act() -> None:
    assert {name: [act.what for act in acts_of(name)] for name in POLICIES if len(acts_of(name)) != 1} == {}
    named = {act for name in POLICIES for act in acts_of(name)}
    assert [act.what for act in ACTS if act.endpoints and act not in named] == []


def test_policies_let_in_whom_the_page_names() -> None:
    """What a policy alone decides must be what the page says: administrators, auditors, links, everybody."""
    for name, policy in POLICIES.items():
        (act,) = acts_of(name)
        may = {role for role, actor in ROLES.items() if cell(act, actor) != NOBODY}
        if policy.who == "admin":
            assert may == {"administrator"}, name
        elif policy.who == "auditor":
            assert may == {"administrator", "auditor"}, name
        elif policy.who == "signed_in":
            assert "facility contact" not in may, name
        elif act.rule in (EVERYBODY, LINK):
            assert may == set(ROLES), name


def test_what_the_page_promises_to_heads_and_denies_to_staff() -> None:
    """Read the table as a person would, so that a rule gone soft is seen here as well."""
    said = {act.what: {role: cell(act, actor) for role, actor in ROLES.items()} for act in ACTS}
    answer = said["answer an invitation, signed in"]
    may_answer = {role for role, where in answer.items() if where == "own unit"}
    assert may_answer == {"unit head", "stand-in (Plh.)", "with the right to answer on loan"}
    assert set(answer.values()) == {"own unit", NOBODY}
    submit = said["submit a proposal, withdraw it"]
    assert {role for role, where in submit.items() if where} == {"unit head", "stand-in (Plh.)"}
    head_post = said["the same of the head's post"]
    assert head_post["unit head"] == NOBODY
    assert (head_post["regional overseer"], head_post["administrator"]) == ("own region", "whole country")
    assert said["lend the right to answer"]["with the right to answer on loan"] == NOBODY
