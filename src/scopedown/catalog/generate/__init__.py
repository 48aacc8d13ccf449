"""Developers only: one module per kind of data file, each turning pinned packages into plain Python values.

`scopedown.catalog.build` calls them; nothing here is imported by a check. A further kind of data is one more
module with a function `files` that takes `Sources` and returns `{file name: text or bytes}`, a line in
`build.render` that calls it, and a count in the manifest.
"""
