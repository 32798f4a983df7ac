"""What the tests run against: real PostgreSQL, Valkey, Celery and Chromium."""
