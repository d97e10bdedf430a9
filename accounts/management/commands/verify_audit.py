"""`manage.py verify_audit`: finds what was changed in the audit log, also by SQL."""

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit.verifying import verify
from accounts.models import Company

HEAD = re.compile(r"^head (?P<slug>[-\w]+) (?P<number>\d+) (?P<hash>[0-9a-f]{64})$", re.MULTILINE)


class Command(BaseCommand):
    """Recomputes the chain of each company and says where it does not fit."""

    help = (
        "Check the audit log of every company. Keep what this prints outside of the database, and give it with "
        "--since the next time: then it also shows when a log was cut off and its head put back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", metavar="SLUG", help="this company's log alone")
        parser.add_argument("--since", metavar="FILE", type=Path, help="what an earlier run has printed")

    def handle(self, *args: Any, company: str | None, since: Path | None, **options: Any) -> None:
        """Print heads and problems. Raises CommandError (exit code 1) when there are any."""
        kept = _kept(since) if since else {}
        companies = Company.objects.order_by("slug").values_list("slug", "pk")
        found = companies.filter(slug=company) if company else companies
        if company and not found:
            raise CommandError(f"There is no company {company}.")
        problems = [f"{slug}: the company is gone." for slug in sorted(kept.keys() - {slug for slug, _pk in companies})]
        entries = 0
        for slug, pk in found:
            report = verify(pk, kept.get(slug))
            if report.number:
                self.stdout.write(f"head {slug} {report.number} {report.hash}")
            problems += [f"{slug}: {problem}" for problem in report.problems]
            entries += report.number
        if problems:
            raise CommandError("\n".join(["The audit log is not as it was written.", *problems]))
        self.stdout.write(f"{entries} entries of {len(found)} companies: all as they were written.")


def _kept(file: Path) -> dict[str, tuple[int, str]]:
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error
    found = {match["slug"]: (int(match["number"]), match["hash"]) for match in HEAD.finditer(text)}
    if not found:
        raise CommandError(f"{file} has no line like “head company 42 0123…”.")
    return found
