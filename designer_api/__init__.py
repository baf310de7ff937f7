"""The HTTP interface under /api/v1: for the designer, for people's inboxes, for operators and for other programs."""
