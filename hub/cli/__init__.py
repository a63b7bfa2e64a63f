"""The command `hub`: each command is a thin call into a capability or into config."""
