"""Adapters of the `Queue` port (engine/runtime/ports.py): who brings effects to those who perform them."""
