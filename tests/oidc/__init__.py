"""Sign-in by a true identity provider, in the browser (``make oidc``)."""
