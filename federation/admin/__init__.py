"""The administrator's side of external connection: the page, the grants of members and departments, suspension."""

from federation.admin import companies, departments, members
from federation.admin.connection import ExternalPolicyAdmin

__all__ = ["ExternalPolicyAdmin", "companies", "departments", "members"]
