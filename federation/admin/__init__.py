"""The administrator's side of external connection: the page, the grants of members and departments, suspension."""

from federation.admin.companies import SuspendableCompanyAdmin
from federation.admin.connection import ExternalPolicyAdmin
from federation.admin.grant_actions import GrantActions
from federation.admin.granted_departments import GrantedDepartmentAdmin
from federation.admin.granted_members import GrantedMemberAdmin

__all__ = [
    "ExternalPolicyAdmin",
    "GrantActions",
    "GrantedDepartmentAdmin",
    "GrantedMemberAdmin",
    "SuspendableCompanyAdmin",
]
