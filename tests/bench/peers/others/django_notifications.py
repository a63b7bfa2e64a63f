"""django-notifications-hq: one ``notify.send`` to everybody, inside one transaction (its faster way).

Notices only: the three tasks and the two records are left out, which favours it.
"""

from __future__ import annotations

import os
import time
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings

if __name__ == "__main__":
    where = urlsplit(os.environ["DATABASE_URL"])
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": where.path.lstrip("/"),
                "USER": unquote(where.username or ""),
                "PASSWORD": unquote(where.password or ""),
                "HOST": where.hostname or parse_qs(where.query)["host"][0],
                "PORT": where.port or "",
            }
        },
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "notifications"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()

    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import transaction
    from notifications.models import Notification
    from notifications.signals import notify

    count = int(os.environ["PEER_COUNT"])
    call_command("migrate", verbosity=0)
    actor, is_first = User.objects.get_or_create(username="actor")
    if is_first:
        User.objects.bulk_create(User(username=f"orang{number}") for number in range(count))
    people = list(User.objects.exclude(pk=actor.pk))
    before = Notification.objects.count()
    began = time.perf_counter()
    with transaction.atomic():
        notify.send(actor, recipient=people, verb="published an outcome")
    taken = time.perf_counter() - began
    assert Notification.objects.count() == before + count
    print(taken)  # noqa: T201 - what its caller reads
