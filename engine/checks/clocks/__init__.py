"""Time: deadlines, reminders, limits, daylight saving, and locks that a person may hold."""
