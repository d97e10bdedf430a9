"""The administrator's side of members, departments, companies and the audit log."""

from accounts.admin.audit import AuditEntryAdmin
from accounts.admin.companies import CompanyAdmin
from accounts.admin.departments import DepartmentAdmin
from accounts.admin.members import MemberAdmin
from accounts.admin.scope import OwnCompany

__all__ = ["AuditEntryAdmin", "CompanyAdmin", "DepartmentAdmin", "MemberAdmin", "OwnCompany"]
