"""The commands of `remit`, one file a group; each adds its own to the app that it is given."""
