"""Scenarios: a pack's tests on virtual time, over the real runtime on a database in memory (LANGUAGE section 11)."""
