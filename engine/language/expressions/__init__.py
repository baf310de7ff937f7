"""One-line expressions over plain data: read, checked against forms, compiled once, bounded in size.

parse -> Expression (tree, reads, run); check -> type and findings; functions -> the declared table; types -> the type
algebra and the scopes; things, plain -> the values; context -> what an expression may ask; second -> the independent
evaluator of the tests.
"""
