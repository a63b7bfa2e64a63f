"""Who acts where a test, the bench or the fault rig prepares rows or looks at them: somebody who sees all."""

from __future__ import annotations

from typing import Final

from hub.actor import system_actor

EVERYBODY: Final = system_actor("tests")
