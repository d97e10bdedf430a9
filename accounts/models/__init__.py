"""Companies and their people."""

from accounts.models.audit import AuditChain, AuditEntry, AuditSeal
from accounts.models.companies import Company, Department, Domain, time_zones
from accounts.models.mails import AccountMail, MemberImport
from accounts.models.notifications import Notification
from accounts.models.users import LANGUAGES, User, UserManager

__all__ = [
    "LANGUAGES",
    "AccountMail",
    "AuditChain",
    "AuditEntry",
    "AuditSeal",
    "Company",
    "Department",
    "Domain",
    "MemberImport",
    "Notification",
    "User",
    "UserManager",
    "time_zones",
]
