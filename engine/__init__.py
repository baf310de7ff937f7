"""remit: a low-code workflow and rules engine for lead-to-cash."""

__version__ = "0.1.0"
