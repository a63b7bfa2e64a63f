"""What people and lists do to the registry: import, enter, change, describe."""

from hub.facilities.commands.importing import hold_registry, import_units, plan_import, set_mailbox

__all__ = ["hold_registry", "import_units", "plan_import", "set_mailbox"]
