"""The administrator's side of members, departments, companies and the audit log."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from accounts.admin.audit import AuditEntryAdmin
from accounts.admin.companies import CompanyAdmin
from accounts.admin.departments import DepartmentAdmin
from accounts.admin.members import MemberAdmin
from accounts.admin.scope import OwnCompany

__all__ = ["AuditEntryAdmin", "CompanyAdmin", "DepartmentAdmin", "MemberAdmin", "OwnCompany"]

admin.site.site_header = "WorksBridge"
admin.site.site_title = "WorksBridge"
admin.site.index_title = "Administration"
# One door: the sign-in page with its limits, not Django's own form, which has none.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
