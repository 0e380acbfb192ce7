"""Carries strategies' requests to authorities and records each answer. The only socket to an authority."""
