"""``hub doctor``: is everything well, and if not, what to do."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from config.settings import Settings, SettingsError
from hub.cli.checks import CHECKS, Finding, examine
from hub.messaging.heartbeats import SILENT

COLOURS = {"OK": "green", "warn": "yellow", "fail": "red"}
EXIT_CODES = {"OK": 0, "warn": 1, "fail": 2}
"""As monitoring plugins have them: 0 well, 1 warning, 2 critical. The worst finding decides."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.option("--only", multiple=True, type=click.Choice((*CHECKS, *SILENT)), help="Only this (repeatable).")
def doctor(*, as_json: bool, only: tuple[str, ...]) -> None:
    """Check every part of the hub and say how to mend what is wrong.

    Exits with 0 if all is well, with 1 if something is to be looked at, with 2 if something fails.
    """
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        findings = [
            Finding("settings", "fail", line, "If no hub is up here: hub up. Else: see config/env.example.")
            for line in error.problems
        ]
    else:
        findings = []
        for finding in examine(settings, only):
            findings.append(finding)
            if not as_json:
                _show(finding)
    code = max((EXIT_CODES[finding.status] for finding in findings), default=0)
    if as_json:
        verdict = {code: status for status, code in EXIT_CODES.items()}[code]
        checks = [asdict(finding) for finding in findings]
        click.echo(json.dumps({"ok": verdict != "fail", "status": verdict, "checks": checks}))
    elif findings and findings[0].check == "settings":
        for finding in findings:
            _show(finding)
    sys.exit(code)


def _show(finding: Finding) -> None:
    click.echo(
        f"{click.style(f'{finding.status:4}', COLOURS[finding.status])}  {finding.check:16}  {finding.says}"
    )
    if finding.mend:
        click.echo(f"{'':24}→ {finding.mend}")
