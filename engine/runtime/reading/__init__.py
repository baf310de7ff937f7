"""The reading side behind the door: plain dictionaries about tasks, cases, their history and their reasons.

Every function takes a `Look`: an open connection for reading with the definitions in force. Ids are text, moments ISO
UTC; what a person reads is in the language asked for, sentences in both.
"""
