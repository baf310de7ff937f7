"""The wording of every finding: one function per code, one file per family. The function's name is the code."""
