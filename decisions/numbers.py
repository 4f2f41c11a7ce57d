"""Running numbers of receipts and plaques: given inside a transaction, one after the other, never twice."""

import secrets

from django.db import connection, models

NUMBER_LOCK = 34_2021_17
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10


def next_number(model: type[models.Model], field: str, prefix: str) -> str:
    """The next free number after the highest with this prefix: YY-2026-003. Others wait until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBER_LOCK])
    given = model._default_manager.filter(**{f"{field}__startswith": f"{prefix}-"}).values_list(
        field, flat=True
    )
    last = max((int(number.rsplit("-", 1)[1]) for number in given), default=0)
    return f"{prefix}-{last + 1:03d}"


def follow_up_code() -> str:
    """A code that cannot be guessed, without letters and digits that look alike."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
