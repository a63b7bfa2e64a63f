"""Templates are found by capability, escaped where they must be, and speak the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from jinja2 import DictLoader, TemplateNotFound, UndefinedError

from hub.texts.catalogue import UnknownLocaleError
from hub.texts.rendering import capability_loader, make_environment, render

if TYPE_CHECKING:
    from pathlib import Path

NINE = datetime(2024, 11, 28, 2, 0, tzinfo=UTC)


def show(source: str, locale: str = "id", template: str = "x/a.html", **values: object) -> str:
    environment = make_environment(locale, loader=DictLoader({template: source}))
    return environment.get_template(template).render(**values)


def test_pages_are_escaped_and_plain_text_is_not() -> None:
    assert show("{{ unit }}", unit="<b> & co") == "&lt;b&gt; &amp; co"
    assert show("{{ unit }}", template="x/a.txt", unit="<b> & co") == "<b> & co"
    assert show("{{ unit }}", template="x/unknown", unit="<b>") == "&lt;b&gt;"


def test_a_value_in_a_translated_message_is_escaped() -> None:
    source = "{{ _('%(day)s at %(time)s', day=day, time='9') }}"
    assert show(source, day="<b>") == "&lt;b&gt; pukul 9"
    assert show(source, locale="en", template="x/a.txt", day="<b>") == "<b> at 9"


def test_a_sentence_without_values_is_markup_in_pages_alone_and_its_per_cent_is_written_twice() -> None:
    source = "{{ _('100 %% <b>') ~ '<i>' }} {{ _('today') }}"
    both = {"x/a.html": source, "x/a.txt": source}
    environment = make_environment("id", loader=DictLoader(both))
    for _ in range(2):
        assert environment.get_template("x/a.html").render() == "100 % <b>&lt;i&gt; hari ini"
        assert environment.get_template("x/a.txt").render() == "100 % <b><i> hari ini"


def test_a_block_is_translated_with_its_plural_and_without_its_indentation() -> None:
    source = """{% trans count=n %}
        %(count)s working day
    {% pluralize %}
        {{ count }} working days
    {% endtrans %}""".replace("%(count)s", "{{ count }}")
    assert show(source, n=3) == "3 hari kerja"
    assert [show(source, locale="en", n=n) for n in (1, 3)] == ["1 working day", "3 working days"]


def test_filters_and_functions_speak_the_templates_language() -> None:
    assert show("{{ at|moment('Asia/Jakarta') }}", at=NINE) == "Kamis, 28 November 2024 pukul 09.00 WIB"
    assert show(
        "{{ at|clock(zone, reader_zone=mine) }}", at=NINE, zone="Asia/Jakarta", mine="Asia/Jayapura"
    ) == ("09.00 WIB (11.00 WIT)")
    assert (
        show("{{ time_range(at, at, 'Asia/Jakarta') }}", locale="en", at=NINE) == "09.00\N{EN DASH}09.00 WIB"
    )
    assert show("{{ 1234.5|number }} {{ locale }}") == "1.234,5 id"


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        show("{{ nothing }}")


def test_names_can_be_added_for_macros_too() -> None:
    environment = make_environment(
        "id", loader=DictLoader({"x/a.html": "{{ there }}"}), extra_globals={"there": "/id/"}
    )
    assert environment.get_template("x/a.html").render() == "/id/"


def test_a_template_is_found_by_its_capability_and_nowhere_else(tmp_path: Path) -> None:
    for capability in ("visits", "partners"):
        folder = tmp_path / capability / "templates" / capability / "mail"
        folder.mkdir(parents=True)
        (folder / "told.txt").write_text(f"{capability} {{{{ _('today') }}}}\n", encoding="utf-8")
    (tmp_path / "visits" / "secret.txt").write_text("secret", encoding="utf-8")
    environment = make_environment("id", loader=capability_loader(tmp_path))
    assert environment.get_template("visits/mail/told.txt").render() == "visits hari ini"
    assert environment.get_template("partners/mail/told.txt").render() == "partners hari ini"
    for absent in ("mail/told.txt", "visits/../../secret.txt", "told.txt", "nobody/told.txt", ""):
        with pytest.raises(TemplateNotFound):
            environment.get_template(absent)


def test_rendering_without_such_a_template_or_language_says_so() -> None:
    with pytest.raises(TemplateNotFound):
        render("texts/no-such-template.txt", locale="id")
    with pytest.raises(UnknownLocaleError):
        render("texts/no-such-template.txt", locale="fr")
