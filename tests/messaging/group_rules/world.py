"""The companies and people of the histories."""

from dataclasses import dataclass

from accounts.models import Company, User
from federation.actions.switch import set_external_connection
from tests.cast import make_company, make_member


@dataclass
class World:
    """Four companies with three people each and an administrator beside them; the last has not allowed anything."""

    companies: dict[int, Company]
    admins: dict[int, User]
    people: dict[int, User]


def make_world() -> World:
    companies = [make_company(name) for name in ("alpha", "beta", "gamma", "delta")]
    admins = {company.pk: make_member(company, f"Admin {company.name}", is_administrator=True) for company in companies}
    people = [make_member(company, f"{company.name} {n}") for company in companies for n in range(3)]
    for company in companies[:3]:
        set_external_connection(company=company, allows=True, actor=admins[company.pk])
    return World({company.pk: company for company in companies}, admins, {person.pk: person for person in people})
