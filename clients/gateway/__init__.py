"""gateway: the HTTP server for clients that are not trusted: apps, web pages, the status page.

It translates: a token becomes an account, a request becomes one call of an `api` function or one read of a
view in one transaction as `web_user`, and what the database refuses becomes a status.  What may be called,
with what, and which status an error is, it reads from the database's own document (`api.openapi()`).
"""
