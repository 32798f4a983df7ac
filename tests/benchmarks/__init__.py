"""`make bench`: how fast the product is, on real parts: gunicorn, Celery, PostgreSQL and Valkey as
processes of their own, against the strict Twilio server. The figures stand in docs/benchmarks.md.

Not part of the suite: a machine that does something else as well says nothing about speed.
"""
