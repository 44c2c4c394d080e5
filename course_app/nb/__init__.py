"""Pure functions from notebook to notebook, and reading and writing notebook files.

A notebook is the plain dictionary that its JSON describes, with every multi-line text joined: nbformat's own reader
costs a quarter of a second to import, which is more than grading a submission takes. nbformat's schema is applied
where authors need it, in `lint`.
"""
