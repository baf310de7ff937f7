"""Reads, one subject a file: functions over a `Reader`, which may be a read connection or a transaction."""
