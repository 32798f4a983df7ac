"""One whole verification: the head outside first, then everything in one view of the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from backoffice.audit.head import Head, HeadUnreadable, fits
from backoffice.audit.head_places import PlaceFailed, place_of
from backoffice.audit.models import AuditSeal
from backoffice.audit.verifying import LATE, Bad, Report, Tampering, Walk, look_at_the_rest

NO_PLACE = (
    "AUDIT_HEAD_URL is not set: that the newest events were removed together with their seals "
    "would not be noticed."
)


@dataclass(frozen=True, slots=True)
class Outside:
    """What lay at AUDIT_HEAD_URL; `problem` says why nothing can be compared."""

    is_set: bool
    head: Head | None = None
    problem: str = ""


def verify(*, begin: Callable[[int], object], advance: Callable[[int], object]) -> Report:
    """`begin` gets the number of seals, `advance` those of each stretch. Writes nothing."""
    # Before the view is opened: a head that is written meanwhile knows more than the view does.
    outside = _read_outside()
    report = Report()
    with one_view():
        begin(AuditSeal.objects.count())
        for looked_at in Walk(report):
            advance(looked_at)
        look_at_the_rest(report)
        _compare(report, outside)
    return report


@contextmanager
def one_view() -> Iterator[None]:
    """All reads see one moment, while events are written and sealed as ever."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Not `atomic`, which takes SQLite's lock for writing.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _read_outside() -> Outside:
    if not settings.AUDIT_HEAD_URL:
        return Outside(is_set=False)
    try:
        there = place_of(settings.AUDIT_HEAD_URL).read()
        return Outside(is_set=True, head=Head.read(there) if there is not None else None)
    except (PlaceFailed, HeadUnreadable) as error:
        return Outside(is_set=True, problem=str(error))


def _compare(report: Report, outside: Outside) -> None:
    if not outside.is_set:
        report.warnings.append(NO_PLACE)
        return
    report.outside = "not compared"
    if outside.problem:
        report.add(Bad(Tampering.HEAD_UNREADABLE, detail=outside.problem))
    elif outside.head is None:
        if report.head is not None:
            report.add(Bad(Tampering.HEAD_MISSING))
    elif outside.head.number > (report.head.number if report.head else 0):
        report.outside = "ahead"
        report.add(_cut(outside.head))
    elif not fits(outside.head):
        report.outside = "differs"
        report.add(Bad(Tampering.HEAD_DIFFERS, seal=outside.head.number))
    else:
        _compare_age(report, outside.head)


def _cut(head: Head) -> Bad:
    detail = f"it names seal {head.number} of {head.sealed_at}"
    return Bad(Tampering.TAIL_REMOVED, seal=head.number, detail=detail)


def _compare_age(report: Report, head: Head) -> None:
    report.outside = "same"
    after = AuditSeal.objects.filter(number=head.number + 1).first()
    if after is None:
        return
    report.outside = "behind"
    if timezone.now() - after.sealed_at > LATE:
        report.warnings.append(
            f"The head at AUDIT_HEAD_URL was not written since {after.sealed_at:%Y-%m-%d %H:%M} "
            "UTC: can the workers write there?"
        )
