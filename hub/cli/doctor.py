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


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.option("--only", multiple=True, type=click.Choice((*CHECKS, *SILENT)), help="Only this (repeatable).")
def doctor(*, as_json: bool, only: tuple[str, ...]) -> None:
    """Check every part of the hub and say how to mend what is wrong.

    Exits with 1 if something fails; a warning does not.
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
    failed = any(finding.status == "fail" for finding in findings)
    if as_json:
        click.echo(json.dumps({"ok": not failed, "checks": [asdict(finding) for finding in findings]}))
    elif findings and findings[0].check == "settings":
        for finding in findings:
            _show(finding)
    sys.exit(1 if failed else 0)


def _show(finding: Finding) -> None:
    click.echo(
        f"{click.style(f'{finding.status:4}', COLOURS[finding.status])}  {finding.check:16}  {finding.says}"
    )
    if finding.mend:
        click.echo(f"{'':24}→ {finding.mend}")
