"""The durable store, and the only room that knows SQL.

`Store` opens a database; `Store.read()` gives a `Reader` for the functions in `queries`; the writer gives handlers a
`Transaction`, which reads the same way and whose `batch` takes the writes: `put`, `change`, `remove` with a table's
descriptor from `statements` and rows from `rows`.
"""
