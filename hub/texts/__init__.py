"""Languages, formats, templates, links and the rules for text, all without Flask."""
