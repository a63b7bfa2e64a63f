"""A mail server, and settings that send mail to it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from tests.workers.delivery.sink import Sink, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running(Sink()) as made:
        yield made


@pytest.fixture
def mailing(settings: Settings, sink: Sink) -> Settings:
    return dataclasses.replace(settings, smtp_url=sink.url)
