"""A text that is forgotten, left over or wrongly filled in is noticed before a reader meets it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hub.texts.catalogue import po_path
from hub.texts.check import problems
from hub.texts.extract import DoubledEntriesError, canonical, find_messages, read_catalog, update

if TYPE_CHECKING:
    from pathlib import Path

CODE = '''\
"""A capability."""
GONE = lazy("The visit is over.")
def tell(n):
    return ngettext("%(n)s unit", "%(n)s units", n), _("Dear %(name)s,"), translate(locale, "Thank you")
'''
TEMPLATE = """\
{% trans name=person %}
    Hello {{ name }},
    welcome.
{% endtrans %}
{{ _("The visit is over.") }} {{ gettext("Dear %(name)s,", name=person) }}
"""
MESSAGES = {
    "The visit is over.",
    ("%(n)s unit", "%(n)s units"),
    "Dear %(name)s,",
    "Thank you",
    "Hello %(name)s, welcome.",
}


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    templates = tmp_path / "hub" / "visits" / "templates" / "visits"
    templates.mkdir(parents=True)
    (templates.parent.parent / "pages.py").write_text(CODE, encoding="utf-8")
    (templates / "page.html").write_text(TEMPLATE, encoding="utf-8")
    return tmp_path / "hub"


@pytest.fixture
def po(tmp_path: Path, hub: Path) -> Path:
    """Return a complete catalogue for the code above."""
    path = po_path("id", tmp_path)
    update(path, "id", find_messages(hub))
    text = path.read_text(encoding="utf-8")
    for english, indonesian in [
        ('"Dear %(name)s,"\nmsgstr ', "Yth. %(name)s,"),
        ('"Hello %(name)s, welcome."\nmsgstr ', "Selamat datang, %(name)s."),
        ('"Thank you"\nmsgstr ', "Terima kasih"),
        ('"The visit is over."\nmsgstr ', "Kunjungan selesai."),
        ('"%(n)s units"\nmsgstr[0] ', "%(n)s UPT"),
    ]:
        text = text.replace(f'{english}""', f'{english}"{indonesian}"')
    path.write_text(text, encoding="utf-8")
    return path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_messages_are_found_in_code_and_templates(hub: Path) -> None:
    found = find_messages(hub)
    assert set(found) == MESSAGES
    assert found["Thank you"].place == "hub/visits/pages.py:4"


def test_a_complete_catalogue_has_no_problems(hub: Path, po: Path, tmp_path: Path) -> None:
    assert po.exists()
    assert problems(hub, tmp_path) == []


def test_a_new_catalogue_needs_every_message(hub: Path, tmp_path: Path) -> None:
    assert len(problems(hub, tmp_path)) == len(MESSAGES)
    assert all("missing" in line for line in problems(hub, tmp_path))
    assert update(po_path("id", tmp_path), "id", find_messages(hub)) == len(MESSAGES)
    assert all("not translated" in line for line in problems(hub, tmp_path))


@pytest.mark.usefixtures("po")
@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('msgstr "Terima kasih"', 'msgstr ""', "not translated: 'Thank you'"),
        ('msgid "Thank you"', 'msgid "Thank them"', "missing: 'Thank you'"),
        ('msgid "Thank you"', 'msgid "Thank them"', "unused: 'Thank them'"),
        ('msgid "Thank you"', '#, fuzzy\nmsgid "Thank you"', "fuzzy: 'Thank you'"),
        ('"Yth. %(name)s,"', '"Yth. %(nama)s,"', "places differ: 'Dear %(name)s,'"),
        ('"Yth. %(name)s,"', '"Yth.,"', "places differ: 'Dear %(name)s,'"),
        ('"%(n)s UPT"', '"UPT"', "places differ: ('%(n)s unit', '%(n)s units')"),
        ('"Yth. %(name)s,"', '"Yth. 100% %(name)s,"', "cannot be filled in"),
        ('msgid "Thank you"', 'msgid "Thank you"\nmsgstr "a"\n\nmsgid "Thank you"', "doubled: 'Thank you'"),
        ('msgid "Thank you"', '#: pages.py:4\nmsgid "Thank you"', "not in order"),
    ],
)
def test_each_kind_of_problem_is_named(hub: Path, tmp_path: Path, old: str, new: str, problem: str) -> None:
    change(po_path("id", tmp_path), old, new)
    assert [line for line in problems(hub, tmp_path) if problem in line]


def test_an_english_override_is_checked_but_need_not_be_complete(hub: Path, po: Path, tmp_path: Path) -> None:
    english = po_path("en", tmp_path)
    english.parent.mkdir(parents=True)
    english.write_text(canonical(read_catalog(english, "en"), "en"), encoding="utf-8")
    assert po.exists()
    assert problems(hub, tmp_path) == []
    with english.open("a", encoding="utf-8") as file:
        file.write('msgid "Dear %(name)s,"\nmsgstr "Dear all,"\n')
    assert any(line.startswith("en: places differ") for line in problems(hub, tmp_path))


def test_updating_keeps_what_is_translated_and_is_stable(hub: Path, po: Path, tmp_path: Path) -> None:
    before = po.read_text(encoding="utf-8")
    assert update(po, "id", find_messages(hub)) == 0
    assert po.read_text(encoding="utf-8") == before
    (hub / "visits" / "pages.py").write_text(CODE + '_("A new one")\n', encoding="utf-8")
    assert update(po, "id", find_messages(hub)) == 1
    assert problems(hub, tmp_path) == ["id: not translated: 'A new one'"]


def test_a_doubled_entry_is_left_for_a_person_to_settle(hub: Path, po: Path) -> None:
    change(po, 'msgid "Thank you"', 'msgid "Thank you"\nmsgstr ""\n\nmsgid "Thank you"')
    before = po.read_text(encoding="utf-8")
    with pytest.raises(DoubledEntriesError, match="Thank you"):
        update(po, "id", find_messages(hub))
    assert po.read_text(encoding="utf-8") == before


def test_only_pruning_takes_out_what_is_no_longer_used(hub: Path, po: Path, tmp_path: Path) -> None:
    (hub / "visits" / "templates" / "visits" / "page.html").unlink()
    assert update(po, "id", find_messages(hub)) == 0
    assert problems(hub, tmp_path) == ["id: unused: 'Hello %(name)s, welcome.'"]
    assert update(po, "id", find_messages(hub), prune=True) == 1
    assert problems(hub, tmp_path) == []


def test_a_message_that_gains_a_plural_keeps_its_translation(hub: Path, po: Path, tmp_path: Path) -> None:
    pages = hub / "visits" / "pages.py"
    pages.write_text(CODE + 'ngettext("Thank you", "Thank you all", 2)\n', encoding="utf-8")
    update(po, "id", find_messages(hub))
    assert problems(hub, tmp_path) == []
    assert 'msgid_plural "Thank you all"\nmsgstr[0] "Terima kasih"' in po.read_text(encoding="utf-8")


def test_the_commands_run() -> None:
    for command in ("hub.texts.check", "hub.texts.extract"):
        help_text = subprocess.run([sys.executable, "-m", command, "--help"], capture_output=True, check=True)
        assert b"Usage" in help_text.stdout
