"""Why people may not talk, in sentences that a member can act on."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Reason(StrEnum):
    """Each is what one person may know; none tells the other side's private policy."""

    COMPANY_OFF = "company_off"
    GRANT_WITHDRAWN = "grant_withdrawn"
    PARTNER_CLOSED = "partner_closed"
    DEACTIVATED = "deactivated"
    OWN_COMPANY_OFF = "own_company_off"
    OWN_NOT_GRANTED = "own_not_granted"
    OWN_PARTNER = "own_partner"
    OTHER_COMPANY = "other_company"
    OTHER_PERSON = "other_person"
    NO_COMPANY = "no_company"


SENTENCES = {
    Reason.COMPANY_OFF: _("One of the two companies has turned external connection off."),
    Reason.GRANT_WITHDRAWN: _("External connection is no longer available to one of you."),
    Reason.PARTNER_CLOSED: _("The link between the two companies was closed."),
    Reason.DEACTIVATED: _("This person's account is no longer active."),
    Reason.OWN_COMPANY_OFF: _(
        "Your administrator has not allowed external connection for your company. Ask them if you need it."
    ),
    Reason.OWN_NOT_GRANTED: _("Your administrator has not granted you external connection. Ask them if you need it."),
    Reason.OWN_PARTNER: _(
        "Your administrator has not allowed external connection with this company. Ask them if you need it."
    ),
    Reason.OTHER_COMPANY: _("The other company has not allowed external connection with yours."),
    Reason.OTHER_PERSON: _("This person is not available to external users right now."),
    Reason.NO_COMPANY: _("Operators belong to no company and cannot use external connection."),
}


def reason_text(code: str) -> str:
    """The sentence for a reason code; a general one for an unknown code."""
    try:
        return str(SENTENCES[Reason(code)])
    except ValueError:
        return str(_("External connection has ended."))
