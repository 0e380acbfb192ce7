"""Stand-in authorities for trials and tests."""
