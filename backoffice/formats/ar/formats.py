"""Django has no Arabic DATETIME_FORMAT, and would fall back to its American one."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y، H:i"
