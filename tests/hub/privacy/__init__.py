"""The register of personal data, its limits, and what people may ask of it."""
