"""Bring a list, say what its columns mean, look at what would be done, confirm, follow it, undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from flask import Response, request

from hub.errors import Conflict, Forbidden, Invalid
from hub.imports import queries
from hub.imports.columns import doubled
from hub.imports.commands import importing
from hub.imports.exporting import as_csv, facilities_csv
from hub.imports.models import OUTCOMES as ALL_OUTCOMES
from hub.imports.models import VERDICTS as ALL_VERDICTS
from hub.imports.register import KINDS
from hub.imports.rules import BY_WHOM, NOT_NOW, WORKING
from hub.imports.schemas import FileForm, KindQuery, LinesQuery, SureForm, columns_form
from hub.imports.wording import KIND_NAMES, OUTCOMES, STATES, TONES, VERDICTS, shown
from hub.texts.catalogue import lazy, translate
from hub.texts.formats import format_number
from hub.web.errors import said
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.parsing import read_query
from hub.web.request import actor, found, locale, session

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from hub.imports.kinds import Kind
    from hub.imports.models import Import

blp = page_blueprint("import_pages")

LINES_SHOWN = 50
RENEWED_SECONDS = 3
NOT_SURE = lazy("Tick the box if you are sure.")
CANCELLED = lazy("The import is called off. Nothing was written, and the file is forgotten.")
REASON = lazy("Reason")
LINE = lazy("Line")


@blp.route("/imports", methods=["GET"])
def list_imports() -> Response:
    """List the reader's imports, the newest first."""
    rows = [
        {
            "href": f"/imports/{one.id}",
            "name": one.file_name,
            "kind": translate(locale(), KIND_NAMES[one.kind]),
            "state": translate(locale(), STATES[one.state]),
            "tone": TONES.get(one.state, "wait"),
            "at": one.created_at,
        }
        for one in queries.imports_of(session(), actor())
    ]
    kinds = [(name, KIND_NAMES[name]) for name, kind in KINDS.items() if kind.may_import(actor())]
    return render_page("imports/list.html", rows=rows, kinds=kinds)


@blp.route("/imports/facilities.csv", methods=["GET"])
def export_facilities() -> Response:
    """Give out the registry as the list that an import takes."""
    response = Response(facilities_csv(session()), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="facilities.csv"'
    return response


@blp.route("/imports/new", methods=["GET"])
def start_import() -> Response:
    """Ask for the file, and say what it may hold."""
    return _file_form(Form(FileForm, {"kind": read_query(KindQuery)["kind"]}))


@blp.route("/imports/new", methods=["POST"])
def bring_file() -> BaseResponse:
    """Take the file in."""
    form = Form.posted(FileForm)
    try:
        kind = form.load()["kind"]
        file = request.files.get("file")
        made = importing.upload(
            session(),
            actor=actor(),
            kind=kind,
            file_name=(file.filename if file else None) or "",
            content=file.read() if file else b"",
        )
    except (Invalid, Conflict) as error:
        return _file_form(form.refused(error))
    return go(f"/imports/{made.id}")


@blp.route("/imports/<int:import_id>", methods=["GET"])
def show_import(*, import_id: int) -> Response:
    """Show where an import stands: what waits for the reader, how far the work is, what came of it."""
    del import_id
    one = cast("Import", found())
    query = read_query(LinesQuery)
    if one.state in WORKING:
        response = render_page("imports/working.html", **_facts(one), is_still=query["still"])
        if not query["still"]:
            response.headers["Refresh"] = str(RENEWED_SECONDS)
        return response
    if one.state == "read":
        return _columns_page(one, _columns_now(one))
    if one.state == "cancelled":
        return render_page("imports/ended.html", **_facts(one))
    return _lines_page(one, query)


@blp.route("/imports/<int:import_id>/columns", methods=["GET"])
def ask_for_columns(*, import_id: int) -> Response:
    """Ask anew what the columns mean."""
    del import_id
    one = cast("Import", found())
    return _columns_page(one, _columns_now(one))


@blp.route("/imports/<int:import_id>/columns", methods=["POST"])
def choose_columns(*, import_id: int) -> BaseResponse:
    """Take in what the columns mean; the file is compared anew."""
    one = cast("Import", found())
    form = Form.posted(columns_form(one.kind))
    try:
        columns = {name: column for name, column in form.load().items() if column is not None}
        importing.choose_columns(session(), actor=actor(), import_id=import_id, columns=columns)
    except Invalid as error:
        return _columns_page(one, form.refused(error))
    return go(f"/imports/{import_id}")


@blp.route("/imports/<int:import_id>/confirm", methods=["GET"])
def ask_to_confirm(*, import_id: int) -> Response:
    """Say what would be written, and ask."""
    del import_id
    return _ask_page("confirm", Form(SureForm))


@blp.route("/imports/<int:import_id>/confirm", methods=["POST"])
def confirm_import(*, import_id: int) -> BaseResponse:
    """Let it be written."""
    form = Form.posted(SureForm)
    if not form.load()["sure"]:
        return _ask_page("confirm", form.refused(Invalid(NOT_SURE, fields={"sure": NOT_SURE})))
    importing.confirm(session(), actor=actor(), import_id=import_id)
    return go(f"/imports/{import_id}")


@blp.route("/imports/<int:import_id>/undo", methods=["GET"])
def ask_to_undo(*, import_id: int) -> Response:
    """Say what would be taken back, and ask."""
    del import_id
    return _ask_page("undo", Form(SureForm))


@blp.route("/imports/<int:import_id>/undo", methods=["POST"])
def undo_import(*, import_id: int) -> BaseResponse:
    """Let it be taken back as a whole."""
    form = Form.posted(SureForm)
    if not form.load()["sure"]:
        return _ask_page("undo", form.refused(Invalid(NOT_SURE, fields={"sure": NOT_SURE})))
    importing.undo(session(), actor=actor(), import_id=import_id)
    return go(f"/imports/{import_id}")


@blp.route("/imports/<int:import_id>/cancel", methods=["POST"])
def cancel_import(*, import_id: int) -> BaseResponse:
    """Call it off."""
    importing.cancel(session(), actor=actor(), import_id=import_id)
    return go("/imports", CANCELLED)


@blp.route("/imports/<int:import_id>/not-taken.csv", methods=["GET"])
def download_not_taken(*, import_id: int) -> Response:
    """Give out every line that was not taken, with its reason: mended, it can be brought again."""
    one = cast("Import", found())
    kind = KINDS[one.kind]
    header = [*one.header, translate(locale(), REASON), translate(locale(), LINE)]
    width = len(one.header)
    columns = {field.name: (one.columns or {}).get(field.name) for field in kind.fields}

    def cells(row: Any) -> list[str]:
        texts = [""] * width
        for name, text in (row.said or {}).items():
            if (column := columns.get(name)) is not None:
                texts[column] = text
        kept = list(row.cells or texts)
        reason = said(row.reason, row.reason_values or {}) if row.reason else ""
        return [*kept, *[""] * (width - len(kept)), reason, str(row.line)]

    body = as_csv(header, (cells(row) for row in queries.not_taken(session(), import_id)))
    response = Response(body, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="import-{import_id}-not-taken.csv"'
    return response


def _file_form(form: Form) -> Response:
    name = form.value("kind")
    kind = KINDS.get(name)
    if kind is None or not kind.may_import(actor()):
        raise Forbidden(importing.MAY_NOT)
    return render_page(
        "imports/new.html",
        status=form.status,
        form=form,
        kind=name,
        kind_name=translate(locale(), KIND_NAMES[name]),
        fault=next((fault.message for fault in form.faults), None),
        columns=[(translate(locale(), field.label), field.is_needed) for field in kind.fields],
        most_rows=kind.most_rows,
        megabytes=kind.largest >> 20,
    )


def _columns_now(one: Import) -> Form:
    return Form(columns_form(one.kind), cast("dict[str, object]", one.columns or {}))


def _columns_page(one: Import, form: Form) -> Response:
    kind = KINDS[one.kind]
    options = [(number, name or str(number + 1)) for number, name in enumerate(one.header)]
    return render_page(
        "imports/columns.html",
        status=form.status,
        form=form,
        options=options,
        fields=[(field.name, translate(locale(), field.label), field.is_needed) for field in kind.fields],
        sample=one.sample or [],
        doubled=doubled(one.header),
        **_facts(one),
    )


def _lines_page(one: Import, query: dict[str, Any]) -> Response:
    """Show the lines by verdict before, by outcome after they were written."""
    kind = KINDS[one.kind]
    is_preview = one.state == "previewed"
    words, counts, order, name = (
        (VERDICTS, queries.counts_of(session(), one.id), ALL_VERDICTS, "verdict")
        if is_preview
        else (OUTCOMES, queries.outcomes_of(session(), one.id), ALL_OUTCOMES, "outcome")
    )
    chosen = query[name] or next((word for word in order if counts.get(word)), order[0])
    rows = queries.rows_of(session(), one.id, **{name: chosen}, after=query["after"], limit=LINES_SHOWN + 1)
    path = f"/imports/{one.id}"
    last = rows[LINES_SHOWN - 1].line if len(rows) > LINES_SHOWN else None
    return render_page(
        "imports/lines.html",
        tabs=[
            {
                "href": f"{path}?{name}={word}",
                "text": translate(locale(), words[word]),
                "count": format_number(counts.get(word, 0), locale()),
                "current": word == chosen,
            }
            for word in order
            if is_preview or counts.get(word)
        ],
        chosen=translate(locale(), words[chosen]),
        lines=[shown(kind, row) for row in rows[:LINES_SHOWN]],
        next_path=f"{path}?{urlencode({name: chosen, 'after': last})}" if last else None,
        first_path=f"{path}?{name}={chosen}" if query["after"] else None,
        counts=counts,
        is_preview=is_preview,
        has_not_taken=_has_not_taken(one, counts),
        reason=said(one.reason, one.reason_values or {}) if one.reason else "",
        **_facts(one),
    )


def _has_not_taken(one: Import, counts: dict[str, int]) -> bool:
    if one.state == "previewed":
        return bool(counts.get("ambiguous") or counts.get("rejected"))
    verdicts = queries.counts_of(session(), one.id)
    return bool(counts.get("refused") or verdicts.get("ambiguous") or verdicts.get("rejected"))


def _ask_page(act: str, form: Form) -> Response:
    one = cast("Import", found())
    if one.state not in BY_WHOM[act]:
        raise Conflict(NOT_NOW, code="not-at-this-step")
    counts = queries.counts_of(session(), one.id)
    return render_page(
        "imports/ask.html",
        status=form.status,
        form=form,
        act=act,
        new=counts.get("new", 0),
        changed=counts.get("changed", 0),
        left=counts.get("ambiguous", 0) + counts.get("rejected", 0),
        written=queries.outcomes_of(session(), one.id).get("applied", 0),
        **_facts(one),
    )


def _facts(one: Import) -> dict[str, Any]:
    kind: Kind = KINDS[one.kind]
    return {
        "one": one,
        "path": f"/imports/{one.id}",
        "kind_name": translate(locale(), KIND_NAMES[kind.name]),
        "state_name": translate(locale(), STATES[one.state]),
        "tone": TONES.get(one.state, "wait"),
    }
