"""The project. Imports nothing but celery: every import of the kernel runs this file."""

from backoffice.celery_app import app as celery_app

__all__ = ["celery_app"]
