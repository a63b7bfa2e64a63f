"""The free texts of a proposal and of an outcome, by the names of their fields: what the guard looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.collaborations.models import Proposal
    from hub.collaborations.queries import Cover
    from hub.visits.commands.conclude import Promise, ThemeOutcome
    from hub.visits.queries.views import CommitmentView, ThemeView


def texts_of_proposal(
    title: str, words: Proposal | Cover, *, place: str, agenda: Sequence[str]
) -> dict[str, str]:
    """Return every free text of a proposal; ``agenda`` are the titles of its points."""
    return {
        "title": title,
        "urgency": words.urgency,
        "form": words.form,
        "subject": words.subject,
        "duration": words.duration,
        "letter_no": words.letter_no or "",
        "place": place,
        **{f"agenda.{number}.title": point for number, point in enumerate(agenda)},
    }


def texts_of_outcome(themes: Sequence[ThemeOutcome | ThemeView]) -> dict[str, str]:
    """Return every free text of an outcome."""
    texts: dict[str, str] = {}
    for number, theme in enumerate(themes):
        texts[f"themes.{number}.seen"] = theme.seen
        texts[f"themes.{number}.will_try"] = theme.will_try
        promises: Sequence[Promise | CommitmentView] = theme.commitments
        for place, promise in enumerate(promises):
            texts[f"themes.{number}.commitments.{place}.text"] = promise.text
    return texts
