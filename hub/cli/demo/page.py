"""Read the form of a page as a browser does: where it is sent, and what its fields hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Form:
    """One form: its address ('' for the page's own) and what would be sent if nothing was typed."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""))
            self.forms.append(self._open)
        name = values.get("name")
        if self._open is None or not name:
            return
        kind = values.get("type", "text")
        if tag == "input" and (kind not in ("radio", "checkbox", "submit") or "checked" in values):
            self._open.fields[name] = values.get("value", "")
        elif tag == "textarea":
            self._open.fields.setdefault(name, "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def find_form(text: str, **holding: str) -> Form:
    """Return the form whose fields hold these values. Raises LookupError if the page has none."""
    reader = _Forms()
    reader.feed(text)
    for form in reader.forms:
        if holding.items() <= form.fields.items():
            return form
    raise LookupError(f"The page has no form with {holding}.")
