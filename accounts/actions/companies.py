"""Creating and changing companies, by the operator."""

from collections.abc import Iterable

from accounts.actions.audit import audit
from accounts.actions.members import create_member
from accounts.models import Company, Domain, User
from worksbridge.transactions import retried


@retried
def create_company(
    *,
    name: str,
    slug: str,
    domains: Iterable[str],
    admin_name: str,
    admin_email: str,
    actor: User | None,
    time_zone: str = "Asia/Seoul",
) -> Company:
    """A new company that owns `domains`, with its first administrator, who is invited by e-mail."""
    company = Company.objects.create(name=name, slug=slug, time_zone=time_zone)
    names = sorted(set(domains))
    Domain.objects.bulk_create([Domain(company=company, name=domain) for domain in names])
    audit(
        [company.pk],
        actor,
        "company.created",
        after={"name": name, "slug": slug, "time_zone": time_zone, "domains": names},
    )
    create_member(company=company, email=admin_email, name=admin_name, actor=actor, is_administrator=True, invite=True)
    return company


@retried
def change_company(*, company: Company, domains: Iterable[str], actor: User | None) -> None:
    """Save a company's name, its time zone and the domains it owns."""
    old = Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    had, wanted = set(old.domains.values_list("name", flat=True)), set(domains)
    before = {"name": old.name, "time_zone": old.time_zone, "domains": sorted(had)}
    after = {"name": company.name, "time_zone": company.time_zone, "domains": sorted(wanted)}
    if before == after:
        return
    company.save(update_fields=["name", "time_zone"])
    company.domains.exclude(name__in=wanted).delete()
    Domain.objects.bulk_create([Domain(company=company, name=domain) for domain in sorted(wanted - had)])
    audit([company.pk], actor, "company.changed", before=before, after=after)
