"""The administrator's side of external connection: the page, the grants of members and departments, suspension."""

from federation.admin.companies import SuspendableCompanyAdmin
from federation.admin.connection import ExternalPolicyAdmin
from federation.admin.grants import GrantActions, GrantedDepartmentAdmin, GrantedMemberAdmin

__all__ = [
    "ExternalPolicyAdmin",
    "GrantActions",
    "GrantedDepartmentAdmin",
    "GrantedMemberAdmin",
    "SuspendableCompanyAdmin",
]
