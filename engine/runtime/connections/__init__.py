"""How outside systems are reached: HTTP, mail, and Python callables registered by name (LANGUAGE section 9).

Each kind is one function from (connection, call, give, key) to a Reply. Nothing here reads or writes the store.
"""
