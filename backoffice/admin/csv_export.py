"""Tables as CSV, streamed, and safe to open: no cell is run as a formula or forges a line."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse

# OWASP, "CSV injection": what a spreadsheet takes for a formula's beginning, in full width too.
_FORMULA = re.compile(r"^\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class _Line:
    """What csv.writer writes into: hands each line on instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def safe_cell(value: Any) -> str:
    """The text of a value; formulas get an apostrophe in front, control characters are spelled."""
    text = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", str(value))
    return f"'{text}" if _FORMULA.match(text) else text


def lines(heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    # The mark makes spreadsheets read UTF-8.
    yield "\ufeff" + writer.writerow([safe_cell(head) for head in heads])
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row])


def csv_response(
    name: str, *, heads: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """`name` of the file, without extension."""
    response = StreamingHttpResponse(lines(heads, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response
