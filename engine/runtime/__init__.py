"""What makes cases last: the writer, the store, the queue, the alarm."""
